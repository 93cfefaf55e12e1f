import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { putMachineBehind, revokeHost, setGateway, setLabels } from '../../src/app/hosts/change-host.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { inviteHost } from '../../src/app/hosts/invite-host.ts'
import { showPosture } from '../../src/app/machines/list-posture.ts'
import { planPolicy } from '../../src/app/policies/plan-policy.ts'
import { listFindings } from '../../src/app/convergence/list-findings.ts'
import { listHosts, showHost } from '../../src/app/hosts/show-hosts.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import { removeHost } from '../../src/app/hosts/remove-host.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { countOverdue } from '../../src/app/convergence/unreachable-points.ts'
import type { GatewaySettings } from '../../src/domain/hosts/gateway.ts'
import { resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { provisioningStates } from '../../src/server/wire/provisioning-state.ts'
import {
  aPolicyPlace,
  aMachineId,
  aRequest,
  policyMachines,
  SUBSCRIPTION,
  valueOf,
  type RequestSpec,
} from '../support/builders.ts'
import { ALICE } from '../support/installation.ts'
import { startHostGround, type HostGround } from './ground.ts'

const idOf = (name: string): ResourceId => aMachineId(name, { type: 'Microsoft.HybridCompute/machines' })
const PLACE = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local', name: 'default' }
const { id: POLICY_ID, key: POLICY } = aPolicyPlace()

let ground: HostGround
let isReadOnly = false
beforeEach(async () => {
  isReadOnly = false
  ground = await startHostGround(() => isReadOnly)
})
afterEach(async () => {
  await ground.hosts.stop()
  await ground.stop()
})

async function protect(...names: string[]): Promise<void> {
  const machines = policyMachines({ machines: names.map(idOf) })
  valueOf(await configurePolicy(ground.app, { address: PLACE, kind: 'Basic', machines, caller: ALICE, force: false }))
}

async function ask(spec: RequestSpec = {}): Promise<StoredRequest> {
  const body = aRequest({ machines: [idOf('web1')], ...spec })
  return valueOf(await requestAccess(ground.app, { policy: POLICY, policyId: POLICY_ID, body, caller: ALICE }))
}

async function grantOf({ id }: StoredRequest) {
  const stored = await ground.app.store.reads.request(id)
  const [grant] = stored?.grants ?? []
  return grant
}

const codesOf = (result: { ok: boolean; refusals?: readonly { code: string }[] }): string[] =>
  (result.refusals ?? []).map(({ code }) => code)

describe('a host', () => {
  it('is on record before its command is given, and cannot be protected before it was run', async () => {
    const invited = valueOf(await inviteHost(ground.app, { name: 'web1', validFor: 'PT15M', caller: ALICE }))
    expect([invited.token, invited.until - ground.now()]).toEqual(['token-1', 15 * MINUTE])
    expect(valueOf(await showHost(ground.app, 'WEB1', ALICE)).state).toBe('neverEnrolled')
    const machines = policyMachines({ machines: [idOf('web1')] })
    const early = await configurePolicy(ground.app, {
      address: PLACE,
      kind: 'Basic',
      machines,
      caller: ALICE,
      force: false,
    })
    expect(codesOf(early)).toEqual(['HostNotEnrolled'])
  })

  it('is shown with what it told, is protected and opened', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    const view = valueOf(await showHost(ground.app, 'web1', ALICE))
    expect([view.state, view.host.labels]).toEqual(['connected', { env: 'prod' }])
    await protect('web1')
    const request = await ask()
    expect([(await grantOf(request))?.state, ground.kernel('web1')]).toEqual(['open', { shut: ['22/*'], holes: 2 }])
  })

  it('is listed by label, by state and page by page', async () => {
    await ground.enrol('web1', { labels: { env: 'prod' } })
    await ground.enrol('web2', { labels: { env: 'test' } })
    await inviteHost(ground.app, { name: 'web3', validFor: 'PT15M', caller: ALICE })
    const names = async (filter: Parameters<typeof listHosts>[2]['filter'], limit = 10, after?: string) => {
      const page = { limit, ...(after !== undefined && { after }) }
      const { items, next } = await listHosts(ground.app, ALICE, { filter, page })
      return [items.map(({ host }) => host.name), next]
    }
    expect(await names({ selector: { env: 'prod' } })).toEqual([['web1'], undefined])
    expect(await names({ state: 'neverEnrolled' })).toEqual([['web3'], undefined])
    expect(await names({}, 2)).toEqual([['web1', 'web2'], 'web2'])
    expect(await names({}, 2, 'web2')).toEqual([['web3'], undefined])
  })

  it('is read every few seconds, and nobody looks at all machines again where nothing changed', async () => {
    await ground.enrol('web1')
    await ground.enrol('web2')
    const before = ground.app.inventory.list()
    await ground.pass(MINUTE)
    await ground.hosts.sync()
    expect(ground.app.inventory.list()).toBe(before)
    await ground.cutOff('web1')
    expect(ground.app.inventory.list().map(({ unreachableSince }) => unreachableSince)).toEqual([
      ground.now(),
      undefined,
    ])
  })

  it('cannot have the name of a machine that is none, nor labels that nobody can write', async () => {
    expect(codesOf(await inviteHost(ground.app, { name: '-x', validFor: 'PT15M', caller: ALICE }))).toEqual([
      'InvalidHostName',
    ])
    const odd = await inviteHost(ground.app, { name: 'x', labels: { 'a b': 'c' }, validFor: 'P2D', caller: ALICE })
    expect(codesOf(odd)).toEqual(['InvalidDuration', 'InvalidLabels'])
    await ground.enrol('web1')
    expect(codesOf(await setLabels(ground.app, { name: 'web1', labels: { env: '*' }, caller: ALICE }))).toEqual([
      'InvalidLabels',
    ])
    const events = (await ground.audit()).filter(({ action }) => action === 'host.refused')
    expect(events).toHaveLength(3)
  })

  it('that is revoked keeps its ports closed, and nothing can be asked of it', async () => {
    await ground.enrol('web1')
    await protect('web1')
    valueOf(await revokeHost(ground.app, { name: 'web1', caller: ALICE }))
    expect([valueOf(await showHost(ground.app, 'web1', ALICE)).state, ground.kernel('web1').shut]).toEqual([
      'revoked',
      ['22/*'],
    ])
    const body = aRequest({ machines: [idOf('web1')] })
    const asked = { policy: POLICY, policyId: POLICY_ID, body, caller: ALICE }
    expect(codesOf(await requestAccess(ground.app, asked))).toEqual(['HostRevoked'])
  })

  it('that a policy names goes only by force, and what was open there is taken back', async () => {
    await ground.enrol('web1')
    await protect('web1')
    const request = await ask()
    expect(codesOf(await removeHost(ground.app, { name: 'web1', force: false, caller: ALICE }))).toEqual(['HostInUse'])
    expect(valueOf(await removeHost(ground.app, { name: 'web1', force: true, caller: ALICE }))).toBe(true)
    await ground.pass(SECOND)
    expect((await grantOf(request))?.state).toBe('closed')
    expect(codesOf(await showHost(ground.app, 'web1', ALICE))).toEqual(['HostNotFound'])
    const kinds = (await listFindings(ground.app, ALICE)).map(({ kind }) => kind)
    expect(kinds).toEqual(['vanished'])
  })
})

describe('a gateway', () => {
  it('protects the machines behind it, which carry its labels', async () => {
    await ground.enrol('gw1', { kind: 'gateway', labels: { site: 'lab' } })
    const written = { addresses: ['10.1.0.5'], os: 'Windows' as const }
    valueOf(await putMachineBehind(ground.app, { name: 'gw1', machine: 'pc1', written, caller: ALICE }))
    expect(ground.app.inventory.find(resourceKey(idOf('pc1')))).toMatchObject({
      name: 'pc1',
      os: 'Windows',
      privateAddresses: ['10.1.0.5'],
      labels: { site: 'lab' },
      points: [`host:${resourceKey(idOf('gw1'))}`],
    })
    await protect('pc1')
    await ask({ machines: [idOf('pc1')] })
    expect(ground.kernel('gw1')).toEqual({ shut: ['22/*'], holes: 2 })
  })

  it('is told what is behind it before anything there is protected, so that it can say who gets in', async () => {
    const { id } = await ground.enrol('gw1', { kind: 'gateway' })
    const behind = () => ground.agents.documentOf(id)?.settings.gateway as GatewaySettings | undefined // as it was sent
    const put = async (machine: string, address: string): Promise<void> => {
      const written = { addresses: [address], os: 'Linux' as const }
      valueOf(await putMachineBehind(ground.app, { name: 'gw1', machine, written, caller: ALICE }))
      await ground.pass(0)
    }
    await put('pc1', '10.1.0.5')
    expect(behind()?.machines.map(({ addresses }) => addresses)).toEqual([['10.1.0.5']])
    await ground.cutOff('gw1')
    await put('pc2', '10.1.0.6')
    expect(behind()?.machines).toHaveLength(1)
    await ground.comeBack('gw1')
    await expect.poll(() => ground.pass(0).then(() => behind()?.machines.length)).toBe(2)
    const { offered } = ground.agents
    await ground.pass(HOUR)
    expect(ground.agents.offered - offered).toBe(0)
    expect(ground.kernel('gw1')).toEqual({ shut: [], holes: 0 })
    expect((await ground.audit()).map(({ action }) => action)).not.toContain('point.drifted')
  })

  it('is told anew how it is reached when that changes, and what is open goes on', async () => {
    await ground.enrol('gw1', { kind: 'gateway' })
    const written = { addresses: ['10.1.0.5'], os: 'Linux' as const }
    valueOf(await putMachineBehind(ground.app, { name: 'gw1', machine: 'pc1', written, caller: ALICE }))
    await protect('pc1')
    const request = await ask({ machines: [idOf('pc1')] })
    const { offered } = ground.agents
    const gateway = {
      publicAddresses: [{ address: '198.51.100.7' }],
      mappedPorts: { from: 40_000, to: 40_999 },
      snat: true,
    }
    valueOf(await setGateway(ground.app, { name: 'gw1', gateway, caller: ALICE }))
    await ground.pass(0)
    expect([ground.agents.offered - offered, (await grantOf(request))?.state]).toEqual([1, 'open'])
    expect(ground.agents.documentOf((await ground.hostCalled('gw1')).id)?.settings.gateway).toMatchObject(gateway)
    expect((await ground.audit()).map(({ action }) => action)).not.toContain('point.drifted')
  })

  it('is told it also when the store failed just as the change was read', async () => {
    const { id } = await ground.enrol('gw1', { kind: 'gateway' })
    const put = (machine: string, address: string) => {
      const written = { addresses: [address], os: 'Linux' as const }
      return putMachineBehind(ground.app, { name: 'gw1', machine, written, caller: ALICE })
    }
    valueOf(await put('pc1', '10.1.0.5'))
    await protect('pc1')
    isReadOnly = true
    await expect(put('pc2', '10.1.0.6')).rejects.toThrow('the database is read-only')
    isReadOnly = false
    await ground.pass(10 * SECOND)
    await ground.hosts.sync()
    await ground.pass(0)
    const settings = ground.agents.documentOf(id)?.settings.gateway as GatewaySettings | undefined // as it was sent
    expect(settings?.machines.map(({ addresses }) => addresses)).toEqual([['10.1.0.5'], ['10.1.0.6']])
  })

  it('has no machine twice, none of another’s name, and nothing is behind a host', async () => {
    await ground.enrol('gw1', { kind: 'gateway' })
    await ground.enrol('web1')
    const put = (name: string, machine: string, address: string) => {
      const written = { addresses: [address], os: 'Linux' as const }
      return putMachineBehind(ground.app, { name, machine, written, caller: ALICE })
    }
    expect(codesOf(await put('gw1', 'web1', '10.1.0.5'))).toEqual(['HostConflict'])
    expect(codesOf(await put('web1', 'pc1', '10.1.0.5'))).toEqual(['InvalidGateway'])
    expect((await put('gw1', 'pc1', '10.1.0.5')).ok).toBe(true)
    expect(codesOf(await put('gw1', 'pc2', '10.1.0.5'))).toEqual(['InvalidGateway'])
  })
})

describe('a host from which nobody hears', () => {
  it('says since when, is a finding of its own, and what ended there is unproven and no alarm', async () => {
    await ground.enrol('web1')
    await protect('web1')
    await ask({ duration: 'PT1H' })
    ground.tick(SECOND)
    await ground.cutOff('web1')
    const since = ground.now()
    await ground.pass(HOUR + MINUTE)
    const view = valueOf(await showHost(ground.app, 'web1', ALICE))
    expect([view.state, view.unreachableSince, ground.kernel('web1').holes]).toEqual(['unreachable', since, 0])
    expect(await listFindings(ground.app, ALICE)).toEqual([
      { kind: 'unreachable', point: `host:${resourceKey(idOf('web1'))}`, machines: [idOf('web1')], since, unproven: 1 },
    ])
    expect(await countOverdue(ground.app, ground.now() - 5 * SECOND)).toEqual({ overdue: 0, unproven: 1 })
    const { posture } = valueOf(await showPosture(ground.app, idOf('web1'), ALICE))
    expect([posture.category, posture.findings.map(({ code }) => code)]).toEqual(['configured', ['Unreachable']])
    await ground.comeBack('web1')
    await ground.pass(0)
    expect(await countOverdue(ground.app, ground.now() - 5 * SECOND)).toEqual({ overdue: 0, unproven: 0 })
    expect(await listFindings(ground.app, ALICE)).toEqual([])
  })

  it('that was shut out says so in its finding, and what to do', async () => {
    await ground.enrol('web1')
    valueOf(await revokeHost(ground.app, { name: 'web1', caller: ALICE }))
    await ground.cutOff('web1')
    const reason = expect.stringMatching(/not trusted any more.*sallyport host enroll web1/) as unknown
    expect(await listFindings(ground.app, ALICE)).toMatchObject([{ kind: 'unreachable', reason }])
  })

  it('is told of as soon as its agent is gone, and what ended there since is not called overdue', async () => {
    await ground.enrol('web1')
    await protect('web1')
    await ask({ duration: 'PT15M' })
    await ground.pass(15 * MINUTE - SECOND)
    await ground.cutOff('web1')
    expect(await listFindings(ground.app, ALICE)).toMatchObject([{ kind: 'unreachable', unproven: 0 }])
    await ground.pass(7 * SECOND)
    expect(await listFindings(ground.app, ALICE)).toMatchObject([{ kind: 'unreachable', unproven: 1 }])
    expect(await countOverdue(ground.app, ground.now() - 5 * SECOND)).toEqual({ overdue: 0, unproven: 1 })
  })

  it('opens what is still asked for when it is back, and what ended meanwhile has failed and says why', async () => {
    await ground.enrol('web1')
    await protect('web1')
    await ground.cutOff('web1')
    const short = await ask({ duration: 'PT15M', from: '203.0.113.7' })
    const long = await ask({ duration: 'PT3H', from: '203.0.113.8' })
    expect([(await grantOf(short))?.state, (await grantOf(long))?.state]).toEqual(['opening', 'opening'])
    for (let minutes = 0; minutes < 20; minutes += 5) await ground.pass(5 * MINUTE)
    expect(await grantOf(short)).toMatchObject({
      state: 'failed',
      reason: 'Failed',
      detail: expect.stringMatching(/^host web1 was unreachable from \S+ until the access ended/),
      because: { code: 'HostWasAway', facts: { host: 'web1', since: expect.stringMatching(/Z$/) } },
    })
    expect((await ground.audit()).map(({ action }) => action)).toContain('access.failed')
    await ground.comeBack('web1')
    await ground.pass(0)
    expect([(await grantOf(short))?.state, (await grantOf(long))?.state, ground.kernel('web1').holes]).toEqual([
      'failed',
      'open',
      2,
    ])
  })

  it('holds its policy at Updating until it is back, and no other host of the policy', async () => {
    await ground.enrol('web1')
    await ground.enrol('web2')
    await ground.cutOff('web1')
    await protect('web1', 'web2')
    const stateNow = async (): Promise<string> => {
      const policy = await ground.app.store.reads.policy(POLICY)
      if (policy === undefined) throw new Error('there is no policy')
      return provisioningStates({ inventory: ground.app.inventory, points: ground.app.store.reads })(policy)
    }
    expect([await stateNow(), ground.kernel('web1').shut, ground.kernel('web2').shut]).toEqual([
      'Updating',
      [],
      ['22/*'],
    ])
    await ground.comeBack('web1')
    await ground.pass(0)
    expect([await stateNow(), ground.kernel('web1').shut]).toEqual(['Succeeded', ['22/*']])
  })

  it('is said in the plan of a policy, which changes nothing there for now', async () => {
    await ground.enrol('web1')
    await ground.cutOff('web1')
    ground.tick(MINUTE)
    const machines = policyMachines({ machines: [idOf('web1')] })
    const input = { address: PLACE, kind: 'Basic', machines, caller: ALICE, force: false }
    const plan = valueOf(await planPolicy(ground.app, input, { steps: true }))
    expect(plan.points.flatMap(({ steps }) => steps.map(({ text }) => text))).toEqual([
      expect.stringMatching(/^host web1 is unreachable since .+: it is made as the policy says when it is back$/),
    ])
  })

  it('is tried no more often than it must be, however long it is away', async () => {
    await ground.enrol('web1')
    await protect('web1')
    await ground.cutOff('web1')
    await ask({ duration: 'PT3H' })
    const before = ground.logged.length
    for (let passed = 0; passed < DAY / 24; passed += MINUTE) await ground.pass(MINUTE)
    expect(ground.logged.length - before).toBeLessThanOrEqual(13)
  })
})

describe('a host that is not its own master any more', () => {
  const drifted = async () => (await ground.audit()).filter(({ action }) => action === 'point.drifted')

  it('cannot fill the audit trail, neither by many reports nor by a large one', async () => {
    const { id } = await ground.enrol('web1')
    await protect('web1')
    const steps = Array.from({ length: 5_000 }, (_, n) => `close ${n}`)
    ground.agents.tell(id, { drift: [{ at: 0, steps: [...steps, 'x'.repeat(5_000)], repaired: true }] })
    await vi.waitFor(async () => expect(await drifted()).toHaveLength(1))
    expect((await drifted())[0]?.data).toMatch(/close 0.*close 98.*and 4902 more/)
    expect((await drifted())[0]?.data.length).toBeLessThan(5_000)
    const one = (n: number) => ({ at: 0, steps: [`open ${n}`], repaired: true })
    ground.agents.tell(id, { drift: Array.from({ length: 1_000 }, (_, n) => one(n)) })
    for (let n = 0; n < 300; n += 1) ground.agents.tell(id, { drift: [one(10_000 + n)] })
    await vi.waitFor(async () => expect(await drifted()).toHaveLength(1 + 100 + 118))
    ground.tick(MINUTE)
    ground.agents.tell(id, { drift: [one(20_000)] })
    await vi.waitFor(async () => expect(JSON.stringify(await drifted())).toContain('open 20000'))
    expect(await drifted()).toHaveLength(1 + 100 + 118 + 1)
  })
})
