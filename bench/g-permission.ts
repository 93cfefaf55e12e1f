/** (g) Deciding who may: decisions a second among 10,000 role assignments, and what they add to a request for access. */
import { authorize } from '../src/app/identity/authorize.ts'
import { configurePolicy } from '../src/app/policies/configure-policy.ts'
import type { Caller } from '../src/app/ports/caller.ts'
import { requestAccess } from '../src/app/requests/request-access.ts'
import { BUILT_IN_ROLES } from '../src/domain/roles/built-in-roles.ts'
import { needsOf } from '../src/domain/roles/required-actions.ts'
import type { RoleAssignment } from '../src/domain/roles/role-assignment.ts'
import { parseResourceId, resourceKey } from '../src/domain/resource-id.ts'
import { parseScope } from '../src/domain/roles/scope.ts'
import { aMachineId, SUBSCRIPTION, valueOf } from '../test/support/builders.ts'
import { ALICE, startInstallation, type TestInstallation } from '../test/support/installation.ts'
import type { Report } from './report.ts'
import { summaryOf } from './summary.ts'
import { fact, judged, ratio } from './verdict.ts'

const ASSIGNMENTS = 10_000
const DECISIONS = 20_000
const ROUNDS = 400
const WARM_UP = 50
/** What identity, permission and audit may add together. */
const SHARE = 1.2

export const title = `deciding who may, with ${ASSIGNMENTS} role assignments`

const GROUP = valueOf(parseScope(aMachineId('web1').split('/').slice(0, 5).join('/')))
const POLICY = valueOf(
  parseResourceId(`${GROUP.id}/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default`),
)
const MACHINE = valueOf(parseResourceId(aMachineId('web1')))
const BOB: Caller = { ...ALICE, name: 'bob@example.org', principals: ['bob', 'team', 'all'], isBreakGlass: false }

export async function measure(): Promise<Report> {
  const installation = await startInstallation()
  try {
    return await measureOn(installation)
  } finally {
    await installation.stop()
  }
}

async function measureOn({ app }: TestInstallation): Promise<Report> {
  await assignMany(app)
  const began = performance.now()
  await app.access.now()
  const load = performance.now() - began
  await protect(app)
  const decisions = await decide(app)
  const [without, withRights] = await requestInTurn(app)
  return {
    summaries: {
      'a request by the bootstrap administrator, never judged': summaryOf(without),
      'a request by a member of a group with a role': summaryOf(withRights),
    },
    findings: [
      fact('decisions', decisions, '/s (five rights each)'),
      fact('reading all assignments once', load, 'ms'),
      judged('one decision', 1_000 / decisions, 'ms', { atMost: 1 }),
      ratio(
        'a request with its decision',
        { ours: summaryOf(withRights).p50, floor: summaryOf(without).p50 },
        {
          atMost: SHARE,
        },
      ),
    ],
    notes: ['The use case itself over a real SQLite store and simulated rules; over HTTP the share is smaller.'],
  }
}

async function assignMany({ store }: TestInstallation['app']): Promise<void> {
  const requester = BUILT_IN_ROLES.find(({ roleName }) => roleName === 'JIT Requester')?.name ?? ''
  const contributor = BUILT_IN_ROLES.find(({ roleName }) => roleName === 'Virtual Machine Contributor')?.name ?? ''
  const given = (index: number, principalId: string, role: string): RoleAssignment => ({
    name: crypto.randomUUID(),
    scope:
      index % 3 === 0 && principalId !== 'all'
        ? GROUP
        : valueOf(parseScope(`/subscriptions/${SUBSCRIPTION}/resourceGroups/g${index}`)),
    role,
    principalId,
    principalType: 'User',
    createdAt: 0,
    createdBy: '',
  })
  await store.transaction(async ({ roles }) => {
    await roles.change()
    for (let index = 1; index < ASSIGNMENTS - 1; index++)
      await roles.insertAssignment(given(index, index % 100 === 1 ? 'all' : `p${index}`, contributor))
    await roles.insertAssignment(given(0, 'team', requester))
  })
}

async function protect(app: TestInstallation['app']): Promise<void> {
  const rule = { number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }
  const resourceGroup = GROUP.id.split('/').at(-1) ?? ''
  const address = { subscriptionId: SUBSCRIPTION, resourceGroup, location: 'local', name: 'default' }
  const machines = [{ id: MACHINE, ports: [rule] }]
  const written = await configurePolicy(app, { address, kind: 'Basic', machines, caller: ALICE, force: false })
  if (!written.ok) throw new Error(JSON.stringify(written.refusals))
}

async function decide(app: TestInstallation['app']): Promise<number> {
  const needs = needsOf('request', POLICY, [MACHINE])
  const started = performance.now()
  for (let index = 0; index < DECISIONS; index++) {
    const denied = await authorize(app, BOB, needs)
    if (denied.length > 0) throw new Error(JSON.stringify(denied))
  }
  return (DECISIONS * 1_000) / (performance.now() - started)
}

/** In turn, so that both meet the same store and the same rules. */
async function requestInTurn(app: TestInstallation['app']): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [turn, caller] of [ALICE, BOB].entries()) {
      const time = await timeOfRequest(app, caller, `10.0.${round % 250}.${1 + turn}`)
      if (round >= WARM_UP) times[turn]?.push(time)
    }
  }
  return times
}

async function timeOfRequest(app: TestInstallation['app'], caller: Caller, source: string): Promise<number> {
  const body = {
    virtualMachines: [{ id: MACHINE, ports: [{ number: 22, duration: 'PT1H', allowedSourceAddressPrefix: source }] }],
  }
  const started = performance.now()
  const granted = await requestAccess(app, { policy: resourceKey(POLICY), policyId: POLICY, body, caller })
  if (!granted.ok) throw new Error(JSON.stringify(granted.refusals))
  return performance.now() - started
}
