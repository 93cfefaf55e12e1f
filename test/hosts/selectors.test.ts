import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { revokeHost, setLabels } from '../../src/app/hosts/change-host.ts'
import { browseMachines } from '../../src/app/machines/browse-machines.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { followSelectors } from '../../src/app/policies/follow-selectors.ts'
import type { PolicyInput } from '../../src/app/policies/judge-policy.ts'
import { planPolicy } from '../../src/app/policies/plan-policy.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import type { StoredPolicy } from '../../src/app/ports/rows.ts'
import { removeHost } from '../../src/app/hosts/remove-host.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { resourceName, type ResourceId } from '../../src/domain/resource-id.ts'
import { parseScope } from '../../src/domain/roles/scope.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { aPolicyPlace, aMachineId, aPortRule, aRequest, policyMachines, valueOf } from '../support/builders.ts'
import { ALICE } from '../support/installation.ts'
import { startHostGround, type HostGround } from './ground.ts'

const idOf = (name: string): ResourceId => aMachineId(name, { type: 'Microsoft.HybridCompute/machines' })
const { address: ADDRESS, id: POLICY_ID, key: POLICY } = aPolicyPlace('prod')
const PROD = { labels: { env: 'prod' }, ports: [aPortRule()] }
/** May do nothing anywhere. */
const MALLORY: Caller = { ...ALICE, name: 'mallory@example.org', principals: ['mallory'], isBreakGlass: false }

/** Mallory is a contributor of one host. */
const OWN_HOST = {
  name: 'b24988ac-6180-42a0-ab88-20f7382dd24d',
  role: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  principalId: 'mallory',
  principalType: 'User',
  createdAt: 0,
  createdBy: '',
} as const

let ground: HostGround
beforeEach(async () => {
  ground = await startHostGround()
})
afterEach(async () => {
  await ground.hosts.stop()
  await ground.stop()
})

function write(spec: Partial<PolicyInput> = {}): ReturnType<typeof configurePolicy> {
  return configurePolicy(ground.app, {
    address: ADDRESS,
    kind: 'Basic',
    machines: [],
    caller: ALICE,
    force: false,
    ...spec,
  })
}

async function policy(): Promise<StoredPolicy> {
  const found = await ground.app.store.reads.policy(POLICY)
  if (found === undefined) throw new Error('there is no policy')
  return found
}

const names = async (): Promise<string[]> =>
  (await policy()).machines
    .map(({ id, chosenBy }) => `${resourceName(id as ResourceId)} ${chosenBy ?? 'named'}`)
    .toSorted()

const shut = (name: string): readonly string[] => ground.kernel(name).shut

const label = (name: string, labels: Record<string, string>, caller = ALICE): ReturnType<typeof setLabels> =>
  setLabels(ground.app, { name, labels, caller })

describe('a policy that chooses machines by their labels', () => {
  it('is as its files say, also after a host came or went', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    valueOf(await write({ selectors: [PROD], claim: { owner: { tool: 'terraform' }, takeOver: false } }))
    await ground.enrol('web2', { labels: { env: 'prod' } })
    await followSelectors(ground.app)
    expect(await names()).toEqual(['web1 env=prod', 'web2 env=prod'])
    expect((await policy()).changedOutsideAt).toBeUndefined()
  })

  it('protects every host that has them, and none that has not', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    await ground.enrol('web2', { labels: { env: 'test' } })
    valueOf(await write({ selectors: [PROD] }))
    expect([await names(), shut('web1'), shut('web2')]).toEqual([['web1 env=prod'], ['22/*'], []])
  })

  it('may wait for hosts that are still to come, and a new one is protected by itself, on record', async () => {
    valueOf(await write({ selectors: [PROD] }))
    expect(await names()).toEqual([])
    await ground.enrol('web1', { labels: { env: 'prod', tier: 'web' } })
    await followSelectors(ground.app)
    expect([await names(), shut('web1')]).toEqual([['web1 env=prod'], ['22/*']])
    const [event] = (await ground.audit()).filter(({ action }) => action === 'policy.saved').slice(-1)
    expect([event?.actor, JSON.parse(event?.data ?? '{}').selectors]).toEqual(['sallyport', ['env=prod']])
  })

  it('lets go of a host that loses the label, and takes back what was open there', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    valueOf(await write({ selectors: [PROD] }))
    const body = aRequest({ machines: [idOf('web1')] })
    const request = valueOf(
      await requestAccess(ground.app, { policy: POLICY, policyId: POLICY_ID, body, caller: ALICE }),
    )
    valueOf(await label('web1', { env: 'retired' }))
    expect([await names(), ground.kernel('web1')]).toEqual([[], { shut: [], holes: 0 }])
    const stored = await ground.app.store.reads.request(request.id)
    expect(stored?.grants[0]?.state).toBe('closed')
  })

  it('loses no host to somebody who may label it and may not write the policy', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    valueOf(await write({ selectors: [PROD] }))
    await ground.app.store.transaction(async (tx) => {
      await tx.roles.change()
      await tx.roles.insertAssignment({ ...OWN_HOST, scope: valueOf(parseScope(idOf('web1'))) })
    })
    // What permission is decided by is read anew every few seconds.
    ground.tick(MINUTE)
    const lost = await label('web1', {}, MALLORY)
    expect(lost.ok ? [] : lost.refusals.map(({ code }) => code)).toEqual(['AuthorizationFailed'])
    expect((await label('web1', { env: 'prod', note: 'mine' }, MALLORY)).ok).toBe(true)
    expect([await names(), shut('web1')]).toEqual([['web1 env=prod'], ['22/*']])
  })

  it('keeps its selectors when a client that knows nothing of them sends back what it was shown', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    await ground.enrol('db1')
    valueOf(await write({ selectors: [PROD], machines: policyMachines({ machines: [idOf('db1')], port: 5432 }) }))
    const shown = (await policy()).machines.map(({ chosenBy: _chosenBy, ...machine }) => machine)
    valueOf(await write({ machines: shown }))
    expect(await names()).toEqual(['db1 named', 'web1 env=prod'])
    valueOf(await write({ machines: (await policy()).machines, selectors: [] }))
    expect([await names(), (await policy()).selectors]).toEqual([['db1 named', 'web1 named'], undefined])
  })

  it('has what it names as it names it, whatever a selector says', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    valueOf(await write({ selectors: [PROD], machines: policyMachines({ machines: [idOf('web1')], port: 2222 }) }))
    expect([await names(), shut('web1')]).toEqual([['web1 named'], ['2222/*']])
  })

  it('says in its plan what it would protect, and refuses a selector that means everything', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    const input = { address: ADDRESS, kind: 'Basic', machines: [], caller: ALICE, force: false, selectors: [PROD] }
    const plan = valueOf(await planPolicy(ground.app, input, { steps: true }))
    expect([plan.action, plan.points.flatMap(({ steps }) => steps.map(({ text }) => text))]).toEqual([
      'create',
      ['protect 22/* of web1 (policy prod)', expect.stringContaining('other rules of host web1')],
    ])
    const empty = await write({ selectors: [{ labels: {}, ports: [aPortRule()] }] })
    expect(empty.ok ? [] : empty.refusals.map(({ code }) => code)).toEqual(['InvalidSelector'])
  })

  it('chooses what has all the labels of a selector, and not what has some, as the list of machines tells beforehand', async () => {
    await ground.enrol('web1', { labels: { env: 'prod', tier: 'web' } })
    await ground.enrol('db1', { labels: { env: 'prod', tier: 'db' } })
    const asked = { labels: { env: 'prod', tier: 'web' }, sort: 'name', descending: false, skip: 0, top: 10 } as const
    const foreseen = await browseMachines(ground.app, asked, ALICE)
    expect([foreseen.total, foreseen.items.map(({ view }) => view.machine.name)]).toEqual([1, ['web1']])
    valueOf(await write({ selectors: [{ ...PROD, labels: { env: 'prod', tier: 'web' } }] }))
    expect([await names(), shut('db1')]).toEqual([['web1 env=prod,tier=web'], []])
  })

  it('keeps a host that is trusted no more, and is not held up by one that it could not begin with', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    await ground.enrol('web2', { labels: { env: 'test' } })
    valueOf(await write({ selectors: [PROD] }))
    for (const name of ['web1', 'web2']) valueOf(await revokeHost(ground.app, { name, caller: ALICE }))
    valueOf(await label('web2', { env: 'prod' }))
    await ground.enrol('web3', { labels: { env: 'prod' } })
    await followSelectors(ground.app)
    expect([await names(), shut('web1')]).toEqual([['web1 env=prod', 'web3 env=prod'], ['22/*']])
  })

  it('follows a host that is forgotten, and keeps one that is only unreachable', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    await ground.enrol('web2', { labels: { env: 'prod' } })
    valueOf(await write({ selectors: [PROD] }))
    await ground.cutOff('web2')
    await followSelectors(ground.app)
    expect(await names()).toEqual(['web1 env=prod', 'web2 env=prod'])
    expect(valueOf(await removeHost(ground.app, { name: 'web1', force: true, caller: ALICE }))).toBe(true)
    expect(await names()).toEqual(['web2 env=prod'])
  })
})
