import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeAccess } from '../../src/app/requests/close-access.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import type { PolicyInput } from '../../src/app/policies/judge-policy.ts'
import { removePolicy } from '../../src/app/policies/remove-policy.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import type { Driver } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import {
  aPolicyPlace,
  aMachineId,
  aRequest,
  policyMachines,
  SUBSCRIPTION,
  valueOf,
  type PolicySpec,
  type RequestSpec,
} from '../support/builders.ts'
import { ALICE, groupPoint, startInstallation, type TestInstallation } from '../support/installation.ts'

let installation: TestInstallation

beforeEach(async () => {
  installation = await startInstallation()
})

afterEach(async () => {
  await installation.stop()
})

const NAME = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local', name: 'default' }
const { id: POLICY_ID, key: POLICY } = aPolicyPlace()

async function protect(spec: PolicySpec): Promise<void> {
  const input: PolicyInput = {
    address: NAME,
    kind: 'Basic',
    machines: policyMachines(spec),
    caller: ALICE,
    force: false,
  }
  valueOf(await configurePolicy(installation.app, input))
}

async function ask(spec: RequestSpec): Promise<StoredRequest> {
  return valueOf(
    await requestAccess(installation.app, { policy: POLICY, policyId: POLICY_ID, body: aRequest(spec), caller: ALICE }),
  )
}

async function states(request: StoredRequest): Promise<string[]> {
  const stored = await installation.app.store.reads.request(request.id)
  return (stored?.grants ?? []).map(({ state, reason }) => `${state} ${reason}`)
}

const allows = (group: string): number =>
  installation.groups.get(groupPoint(group))?.rules.filter(({ access }) => access === 'Allow').length ?? -1

describe('the life of a grant', () => {
  it('is over for its points too when its policy goes while it is open: nothing is left to look at', async () => {
    await protect({})
    await ask({})
    valueOf(await removePolicy(installation.app, { policy: POLICY, caller: ALICE }))
    const point = await installation.app.store.reads.point(groupPoint('nsg1'))
    expect([point?.dueAt, allows('nsg1')]).toEqual([undefined, 0])
  })

  it('is open when the answer comes, and closed by the pass at its end', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    expect(await states(request)).toEqual(['open UserRequested'])
    await installation.pass(HOUR - 1)
    expect(allows('nsg1')).toBe(1)
    await installation.pass(1)
    expect(allows('nsg1')).toBe(0)
    expect(await states(request)).toEqual(['closed Expired'])
  })

  it('that an earlier pass has opened already needs no other pass, and a pass that is due still looks at everything', async () => {
    const { store, passes } = installation.app
    const point = groupPoint('nsg1')
    const look = async () => {
      const row = await store.reads.point(point)
      if (row === undefined) throw new Error('expected the point to be known')
      return row
    }
    await protect({})
    await ask({ duration: 'PT1H' })
    const opened = await look()
    await passes.settle([opened], SECOND)
    expect((await look()).pass).toBe(opened.pass)
    await store.dueNow([point], installation.now())
    await installation.pass(0)
    expect((await look()).pass).toBe(opened.pass + 1)
  })

  it('is closed after its end even if the server was down when it ended', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    installation.restart()
    await installation.pass(2 * HOUR)
    expect(allows('nsg1')).toBe(0)
    expect(await states(request)).toEqual(['closed Expired'])
  })

  it('says that it is opening while a point does not answer, and opens when it does', async () => {
    await protect({})
    installation.faults.push({ kind: 'error before effect' })
    const request = await ask({ duration: 'PT1H' })
    expect(await states(request)).toEqual(['opening UserRequested'])
    await installation.pass(2 * SECOND)
    expect(await states(request)).toEqual(['open UserRequested'])
  })

  it('has failed when its time ended before a point could open it', async () => {
    await protect({})
    installation.faults.push({ kind: 'error before effect' })
    const request = await ask({ duration: 'PT1S' })
    await installation.pass(2 * SECOND)
    expect(await states(request)).toEqual(['failed Failed'])
    expect(allows('nsg1')).toBe(0)
  })

  it('is recorded as open when the answer of the firewall was lost after it had opened', async () => {
    await protect({})
    installation.faults.push(undefined, { kind: 'error after effect' })
    const request = await ask({ duration: 'PT1H' })
    expect(allows('nsg1')).toBe(1)
    expect(await states(request)).toEqual(['opening UserRequested'])
    await installation.pass(2 * SECOND)
    expect(await states(request)).toEqual(['open UserRequested'])
    expect(allows('nsg1')).toBe(1)
  })

  it('is open only when every point of the machine lets it in, and closed only when none does', async () => {
    await protect({ machines: [aMachineId('db1')] })
    const request = await ask({ machines: [aMachineId('db1')], duration: 'PT1H' })
    expect(await states(request)).toEqual(['open UserRequested'])
    expect([allows('nsg1'), allows('nsg2')]).toEqual([1, 1])
    installation.faults.push(undefined, { kind: 'error before effect' })
    await installation.pass(HOUR)
    expect(await states(request)).toEqual(['open UserRequested'])
    await installation.pass(2 * SECOND)
    expect(await states(request)).toEqual(['closed Expired'])
    expect([allows('nsg1'), allows('nsg2')]).toEqual([0, 0])
  })

  it('keeps the hole to the latest end when two grants overlap', async () => {
    await protect({})
    const short = await ask({ duration: 'PT30M' })
    const long = await ask({ duration: 'PT1H' })
    await installation.pass(31 * MINUTE)
    expect(await states(short)).toEqual(['closed Expired'])
    expect(await states(long)).toEqual(['open UserRequested'])
    expect(allows('nsg1')).toBe(1)
  })

  it('can be closed early, and closing again is no mistake', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    valueOf(await closeAccess(installation.app, { request: request.id, caller: ALICE }))
    expect(await states(request)).toEqual(['closed UserManuallyRevoked'])
    expect(allows('nsg1')).toBe(0)
    valueOf(await closeAccess(installation.app, { request: request.id, caller: ALICE }))
  })

  it('that is closing already is told of once, also when its policy goes meanwhile', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    installation.faults.push({ kind: 'error before effect' }, { kind: 'error before effect' })
    valueOf(await closeAccess(installation.app, { request: request.id, caller: ALICE }))
    expect(await states(request)).toEqual(['closing UserManuallyRevoked'])
    valueOf(await removePolicy(installation.app, { policy: POLICY, caller: ALICE }))
    await installation.pass(MINUTE)
    expect(await states(request)).toEqual(['closed UserManuallyRevoked'])
    const events = (await installation.audit()).filter((event) => event.request === request.id)
    expect(events.map(({ action }) => action)).toEqual([
      'access.requested',
      'access.opened',
      'access.closing',
      'access.closed',
    ])
  })

  it('ends when its machine leaves the policy, and the machines that stay keep theirs', async () => {
    await protect({ machines: [aMachineId('web1'), aMachineId('web2')] })
    const request = await ask({ machines: [aMachineId('web1'), aMachineId('web2')], duration: 'PT1H' })
    await protect({ machines: [aMachineId('web2')] })
    expect(await states(request)).toEqual(['closed UserManuallyRevoked', 'open UserRequested'])
    expect(allows('nsg1')).toBe(1)
  })

  it('ends when its port leaves the policy', async () => {
    await protect({ ports: [{ port: 22 }, { port: 3389 }] })
    const request = await ask({ ports: [{ port: 22 }, { port: 3389 }] })
    await protect({ port: 3389 })
    expect(await states(request)).toEqual(['closed UserManuallyRevoked', 'open UserRequested'])
  })

  it('ends when the policy is removed, which leaves the rules as they were found', async () => {
    const before = installation.groups.get(groupPoint('nsg1'))?.rules
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    expect(await removePolicy(installation.app, { policy: POLICY, caller: ALICE })).toEqual({ ok: true, value: true })
    expect(await states(request)).toEqual(['closed UserManuallyRevoked'])
    expect(installation.groups.get(groupPoint('nsg1'))?.rules).toEqual(before)
  })

  it('has exactly one audit event for every step of its life', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    await installation.pass(HOUR)
    const events = (await installation.audit()).filter((event) => event.request === request.id)
    expect(events.map(({ action }) => action)).toEqual(['access.requested', 'access.opened', 'access.closed'])
  })
})

describe('somebody else’s change', () => {
  it('is undone, and the audit trail says what was repaired', async () => {
    await protect({})
    await ask({ duration: 'PT1H' })
    installation.groups.edit(groupPoint('nsg1'), () => [])
    await installation.pass(10 * MINUTE)
    expect(allows('nsg1')).toBe(1)
    const repaired = (await installation.audit()).filter(({ action }) => action === 'point.repaired')
    expect(repaired).toHaveLength(1)
    expect(JSON.parse(repaired[0]?.data ?? '{}')).toMatchObject({ steps: expect.arrayContaining([expect.any(String)]) })
  })
})

describe('a point that fails', () => {
  it('is tried again after one, two, four … and at most sixty seconds, for ever', async () => {
    await protect({})
    await ask({ duration: 'PT3H' })
    const waits: number[] = []
    for (let failures = 0; failures < 9; failures++) {
      installation.faults.push({ kind: 'error before effect' })
      const { app } = installation
      await app.store.transaction((tx) =>
        tx.wish({ points: [groupPoint('nsg1')], shape: false, dueAt: installation.now() }),
      )
      await installation.pass(0)
      const row = await app.store.reads.point(groupPoint('nsg1'))
      waits.push((row?.dueAt ?? 0) - installation.now())
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * SECOND))
  })
})

describe('a refused request', () => {
  it('opens nothing and is in the audit trail', async () => {
    await protect({ max: 'PT1H' })
    const input = { policy: POLICY, policyId: POLICY_ID, body: aRequest({ duration: 'PT8H' }), caller: ALICE }
    expect((await requestAccess(installation.app, input)).ok).toBe(false)
    expect(allows('nsg1')).toBe(0)
    const [refusal] = (await installation.audit()).filter(({ action }) => action === 'access.refused')
    expect(refusal).toMatchObject({ actor: 'alice@example.org', address: '203.0.113.7', target: POLICY_ID })
  })
})

describe('a policy that says what becomes of who is connected', () => {
  it('is refused where nobody can tell who is, and taken where they live on', async () => {
    const machines = policyMachines({}).map((machine) => ({
      ...machine,
      ports: machine.ports.map((port) => ({ ...port, onExpiry: 'cut' })),
    }))
    const input: PolicyInput = { address: NAME, kind: 'Basic', machines, caller: ALICE, force: false }
    const driverOf = (point: PointId): Driver | undefined => {
      const driver = installation.app.driverOf(point)
      if (driver !== undefined) Reflect.deleteProperty(driver, 'flowsAt')
      return driver
    }
    const told = await configurePolicy({ ...installation.app, driverOf }, input)
    expect(told).toMatchObject({ ok: false, refusals: [{ code: 'ConnectionsNotTold' }] })
    await protect({})
  })
})
