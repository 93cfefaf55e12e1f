import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeAccess } from '../../src/app/requests/close-access.ts'
import { planPolicy } from '../../src/app/policies/plan-policy.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import type { Driver, SaidStep } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { WITHOUT_HOLES } from '../../src/contract/agent.ts'
import { slotOf, type Slot } from '../../src/domain/access/hole.ts'
import type { PreflightAsked } from '../../src/app/ports/hosts.ts'
import type { HostId } from '../../src/domain/hosts/host.ts'
import { tellStep } from '../../src/domain/access/step.ts'
import { refusal, type Refusal, type Result } from '../../src/domain/refusal.ts'
import { resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { pointOfHostKey } from '../../src/drivers/hosts/host-point.ts'
import { createHostsDriver } from '../../src/drivers/hosts/hosts-driver.ts'
import {
  aPolicyPlace,
  aMachineId,
  aRequest,
  aSource,
  NOON,
  policyMachines,
  SUBSCRIPTION,
  valueOf,
  type RequestSpec,
} from '../support/builders.ts'
import { ALICE, startInstallation, type TestInstallation } from '../support/installation.ts'
import { memoryAgents, type MemoryAgents } from '../support/memory-agents.ts'

const HYBRID = { type: 'Microsoft.HybridCompute/machines' }
const WEB = aMachineId('web1', HYBRID)
const DB = aMachineId('db1', HYBRID)
const [ONE, TWO] = ['one', 'two'] as [HostId, HostId]
const HOSTS: readonly [HostId, ResourceId][] = [
  [ONE, WEB],
  [TWO, DB],
]
const PLACE = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local', name: 'default' }
const { id: POLICY_ID, key: POLICY } = aPolicyPlace()

const NOTHING_OPEN = { held: [], lingering: [], impossible: [], left: [] }

let installation: TestInstallation
let agents: MemoryAgents
let tellsPlans: boolean
let said: readonly SaidStep[] | undefined
let goneAt: number | undefined
/** What is said of the asker's own connections; undefined where nobody answers. */
let own: readonly Refusal[] | undefined
let preflights: PreflightAsked[]

beforeEach(async () => {
  tellsPlans = false
  said = undefined
  goneAt = undefined
  own = undefined
  preflights = []
  installation = await startInstallation({
    ground: ({ clock }) => {
      agents = memoryAgents(clock)
      const machines = HOSTS.map(([, id]) => ({
        id,
        key: resourceKey(id),
        name: id.split('/').at(-1) ?? '',
        location: 'local',
        os: 'Linux' as const,
        privateAddresses: [],
        publicAddresses: [],
        points: [pointOfHostKey(resourceKey(id))],
      }))
      const hostAt = (point: PointId) => {
        const found = HOSTS.find(([, id]) => pointOfHostKey(resourceKey(id)) === point)
        return found === undefined
          ? undefined
          : { id: found[0], name: 'web1', machine: found[1], answers: () => tellsPlans, goneAt, seenAt: NOON }
      }
      for (const [id, machine] of HOSTS) agents.add(id, machine)
      const driver: Driver = createHostsDriver({
        links: {
          ...agents,
          plan: (...asked) => (said === undefined ? agents.plan(...asked) : Promise.resolve(said)),
          preflight: async (_host, asked) => {
            preflights.push(asked)
            if (own === undefined) throw new Error('no answer')
            return own
          },
        },
        hostAt,
        tellerOf: (machine) => HOSTS.find(([, id]) => resourceKey(id) === machine)?.[0],
        clock,
        drift: 'repair',
        isGone: async () => false,
      })
      return {
        inventory: {
          find: (key) => machines.find((machine) => machine.key === key),
          list: () => machines,
          behind: (point) => machines.filter(({ points }) => points.includes(point)),
        },
        driverOf: () => driver,
      }
    },
  })
})
afterEach(() => installation.stop())

async function protect(machines: readonly string[] = [WEB]): Promise<void> {
  const rules = policyMachines({ machines })
  const input = { address: PLACE, kind: 'Basic', machines: rules, caller: ALICE, force: false }
  valueOf(await configurePolicy(installation.app, input))
}

async function ask(spec: RequestSpec = {}): Promise<StoredRequest> {
  const body = aRequest({ machines: [WEB], ...spec })
  return valueOf(await requestAccess(installation.app, { policy: POLICY, policyId: POLICY_ID, body, caller: ALICE }))
}

async function states({ id }: StoredRequest): Promise<string[]> {
  const stored = await installation.app.store.reads.request(id)
  return (stored?.grants ?? []).map(({ state, reason }) => `${state} ${reason}`)
}

const shut = (host = ONE): string[] => [...agents.kernel.look(agents.pointOf(host)).shut]
const holes = (host = ONE): number => agents.kernel.look(agents.pointOf(host)).elements.size

describe('a host that runs the agent', () => {
  it('that cannot say what a plan means for its other rules has that said beside the plan', async () => {
    const rules = policyMachines({ machines: [WEB] })
    const input = { address: PLACE, kind: 'Basic', machines: rules, caller: ALICE, force: false }
    const codes = async (): Promise<string[]> => {
      const { points } = valueOf(await planPolicy(installation.app, input, { steps: true }))
      return points.flatMap(({ steps }) => steps.map(({ code }) => code))
    }
    expect(await codes()).toEqual(['ProtectPorts', 'AgentTellsNoPlan'])
    tellsPlans = true
    expect(await codes()).toEqual(['ProtectPorts', 'HostNotAsked'])
    expect([agents.offered, shut()]).toEqual([0, []])
  })

  it('is called by its name in what it says of itself: "this host" is another one at the server', async () => {
    tellsPlans = true
    said = [{ kind: 'protect', ...tellStep('CloseOnHost', { port: '22/TCP', policy: 'default' }) }]
    const rules = policyMachines({ machines: [WEB] })
    const input = { address: PLACE, kind: 'Basic', machines: rules, caller: ALICE, force: false }
    const { points } = valueOf(await planPolicy(installation.app, input, { steps: true }))
    expect(points.flatMap(({ steps }) => steps.map(({ text }) => text))).toEqual([
      'close 22/TCP on web1 (policy default)',
    ])
  })

  it('asks its agent whether the asker is connected over a port before that is protected, and believes it in nothing else', async () => {
    tellsPlans = true
    own = [refusal('WouldCutYourOwnConnection', 'port 22 of web1 carries …'), refusal('MachineNotFound', 'of db1')]
    const rules = policyMachines({ machines: [WEB] })
    const input = { address: PLACE, kind: 'Basic', machines: rules, caller: ALICE, force: false }
    const codes = (result: Result<unknown>): string[] => (result.ok ? [] : result.refusals.map(({ code }) => code))
    expect(codes(await planPolicy(installation.app, input, { steps: true }))).toEqual(['WouldCutYourOwnConnection'])
    expect(codes(await configurePolicy(installation.app, input))).toEqual(['WouldCutYourOwnConnection'])
    expect(preflights[0]).toMatchObject({ ports: [{ number: 22 }], caller: { address: ALICE.address } })
    valueOf(await configurePolicy(installation.app, { ...input, force: true }))
    preflights = []
    valueOf(await configurePolicy(installation.app, input))
    expect(preflights, 'nothing changes for what is protected already').toEqual([])
  })

  it('may be protected where its agent does not say who is connected', async () => {
    tellsPlans = true
    await protect()
    expect([preflights.length, shut()]).toEqual([1, ['22/*']])
  })

  it('that is not connected here may be protected all the same: only what would change cannot be told', async () => {
    agents.cutOff(ONE)
    const rules = policyMachines({ machines: [WEB] })
    const input = { address: PLACE, kind: 'Basic', machines: rules, caller: ALICE, force: false }
    const { action, points } = valueOf(await planPolicy(installation.app, input, { steps: true }))
    expect([action, points.flatMap(({ steps }) => steps.map(({ code }) => code))]).toEqual(['create', ['PointNotSeen']])
  })

  it('closes the ports of a policy, and opens one when the answer comes', async () => {
    await protect()
    expect(shut()).toEqual(['22/*'])
    const request = await ask()
    expect([await states(request), holes()]).toEqual([['open UserRequested'], 2])
  })

  it('opens what is asked for with one document, and looks at nothing besides', async () => {
    await protect()
    const [offered, looks] = [agents.offered, agents.looks.length]
    await ask()
    expect([agents.offered - offered, agents.looks.length - looks]).toEqual([1, 0])
  })

  it('closes at the end by itself, and a look at what ended proves it', async () => {
    await protect()
    const request = await ask({ duration: 'PT2M', from: '203.0.113.7' })
    const { offered } = agents
    await installation.pass(2 * MINUTE + 20)
    expect([holes(), await states(request), agents.offered]).toEqual([0, ['closed Expired'], offered])
    expect(agents.looks.at(-1)).toEqual(new Set([slotOf(resourceKey(WEB), 22, aSource('203.0.113.7'))]))
  })

  it('that was booted opens again what is still open as soon as it is told anew, and that is nobody’s drift', async () => {
    await protect()
    const request = await ask()
    const version = `${agents.documentOf(ONE)?.version}${WITHOUT_HOLES}`
    agents.kernel.change(agents.pointOf(ONE), (state) => ({ ...state, elements: new Map() }))
    installation.tick(5 * MINUTE)
    agents.tell(ONE, { state: { ...NOTHING_OPEN, shields: agents.reportOf(ONE)?.state.shields ?? [], version } })
    const { offered } = agents
    await installation.pass(0)
    expect([agents.offered - offered, holes(), await states(request)]).toEqual([1, 2, ['open UserRequested']])
    expect((await installation.audit()).map(({ action }) => action)).not.toContain('point.drifted')
  })

  it('opens for whoever asks just when the hole of another has ended, without a look before, and proves that end later', async () => {
    await protect()
    const first = await ask({ duration: 'PT2M', from: '203.0.113.7' })
    installation.tick(2 * MINUTE - SECOND)
    agents.tell(ONE, {})
    installation.tick(SECOND + 5)
    const looks = agents.looks.length
    const second = await ask({ from: '203.0.113.8' })
    expect([await states(first), await states(second)]).toEqual([['open UserRequested'], ['open UserRequested']])
    expect([agents.looks.length - looks, holes()]).toEqual([0, 2])
    await installation.pass(15)
    expect(await states(first)).toEqual(['closed Expired'])
    expect((await installation.audit()).map(({ action }) => action)).not.toContain('point.drifted')
  })

  it('looks at everything, and not at thousands one by one', async () => {
    await protect()
    installation.tick(MINUTE)
    const point = pointOfHostKey(resourceKey(WEB))
    const slotsOf = (count: number): Set<Slot> =>
      new Set(Array.from({ length: count }, (_, port) => slotOf(resourceKey(WEB), port, '*')))
    for (const count of [1_000, 1_001]) {
      await installation.app.driverOf(point)?.observe(point, slotsOf(count), new AbortController().signal)
      installation.tick(MINUTE)
    }
    expect(agents.looks.slice(-2)).toEqual([slotsOf(1_000), 'all'])
  })

  it('keeps what others have open when one is closed early', async () => {
    await protect()
    const mine = await ask({ from: '203.0.113.7' })
    const theirs = await ask({ from: '203.0.113.8' })
    valueOf(await closeAccess(installation.app, { request: mine.id, caller: ALICE }))
    expect([await states(mine), await states(theirs), holes()]).toEqual([
      ['closed UserManuallyRevoked'],
      ['open UserRequested'],
      2,
    ])
  })

  it('is not asked again for what was closed while it did not hold it', async () => {
    await protect()
    const mine = await ask({ from: '203.0.113.7' })
    agents.kernel.change(agents.pointOf(ONE), (state) => ({ ...state, elements: new Map() }))
    agents.cutOff(ONE)
    agents.comeBack(ONE)
    valueOf(await closeAccess(installation.app, { request: mine.id, caller: ALICE }))
    await ask({ from: '203.0.113.8' })
    expect([await states(mine), holes()]).toEqual([['closed UserManuallyRevoked'], 2])
  })

  it('takes back a shield only when the policy does', async () => {
    await protect([WEB, DB])
    await ask()
    await protect([DB])
    expect([shut(ONE), shut(TWO), holes(ONE)]).toEqual([[], ['22/*'], 0])
  })

  it('is handed its document again where somebody else changed its firewall, and that is told', async () => {
    await protect()
    await ask()
    agents.kernel.change(agents.pointOf(ONE), () => ({ shut: new Set(), elements: new Map() }))
    await installation.pass(5 * MINUTE)
    expect([shut(), holes()]).toEqual([['22/*'], 2])
    expect((await installation.audit()).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['point.drifted', 'point.repaired']),
    )
  })
})

describe('who is connected, as a host tells', () => {
  it('is believed of its own machine alone', async () => {
    await protect([WEB, DB])
    const by = { protocol: 'TCP' as const, from: '203.0.113.7', fromPort: 50_000, to: '198.51.100.4', port: 22 }
    agents.connect(
      ONE,
      [WEB, DB].map((machine) => ({ machine, ...by })),
    )
    const point = pointOfHostKey(resourceKey(WEB))
    const seen = await installation.app.driverOf(point)?.flowsAt?.(point, new AbortController().signal)
    expect(seen?.map(({ machine }) => machine)).toEqual([resourceKey(WEB)])
  })
})

describe('a host that cannot be reached', () => {
  it('stays as it is: nothing opens, what is open ends on time, and that is proven when it is back', async () => {
    await protect()
    const open = await ask({ duration: 'PT1H' })
    agents.cutOff(ONE)
    const late = await ask({ duration: 'PT3H', from: '203.0.113.9' })
    expect([await states(late), holes()]).toEqual([['opening UserRequested'], 2])
    await installation.pass(HOUR + SECOND)
    expect([await states(open), holes()]).toEqual([['open UserRequested'], 0])
    agents.comeBack(ONE)
    await installation.pass(MINUTE)
    expect([await states(open), await states(late), holes()]).toEqual([['closed Expired'], ['open UserRequested'], 2])
  })

  it('says since when and why nothing is done', async () => {
    await protect()
    agents.cutOff(ONE)
    goneAt = NOON
    await ask()
    const [row] = await installation.app.store.reads.troubledPoints({ limit: 1 })
    expect(row?.id).toBe(pointOfHostKey(resourceKey(WEB)))
    expect(row?.lastError).toMatch(/host web1 is unreachable since .+: its agent is not connected/)
  })

  it('is not said to be away where another server has its agent', async () => {
    await protect()
    agents.cutOff(ONE)
    await ask()
    const [row] = await installation.app.store.reads.troubledPoints({ limit: 1 })
    expect(row?.lastError).toMatch(/the agent of host web1 is connected to another server, or went a moment ago/)
  })

  it('never counts as closed while a document may still be on its way to it', async () => {
    await protect()
    agents.loseNext(ONE)
    const request = await ask()
    expect(await states(request)).toEqual(['opening UserRequested'])
    valueOf(await closeAccess(installation.app, { request: request.id, caller: ALICE }))
    await agents.arrive(ONE)
    expect([await states(request), holes()]).toEqual([['closed UserManuallyRevoked'], 0])
  })

  it('holds up no other host of the same policy', async () => {
    await protect([WEB, DB])
    agents.cutOff(ONE)
    const request = valueOf(
      await requestAccess(installation.app, {
        policy: POLICY,
        policyId: POLICY_ID,
        body: aRequest({ machines: [WEB, DB] }),
        caller: ALICE,
      }),
    )
    expect([(await states(request)).toSorted(), holes(TWO)]).toEqual([
      ['open UserRequested', 'opening UserRequested'],
      2,
    ])
  })
})
