/** Points that need minutes: closed ahead of the end, and never taken over while a pass is at work on them. */
import { afterEach, describe, expect, it } from 'vitest'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { leaseFor } from '../../src/app/convergence/lease.ts'
import { Passes } from '../../src/app/convergence/passes.ts'
import type { PointTraits } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { POINT_PREFIX } from '../../src/drivers/memory/security-groups.ts'
import { aPolicyPlace, aMachineId, aRequest, policyMachines, SUBSCRIPTION, valueOf } from '../support/builders.ts'
import {
  ALICE,
  groupPoint,
  startInstallation,
  type Particular,
  type TestInstallation,
} from '../support/installation.ts'

const { id: POLICY_ID, key: POLICY } = aPolicyPlace()
const DB = aMachineId('db1')

let installation: TestInstallation
afterEach(() => installation.stop())

async function start(particular: Particular): Promise<void> {
  installation = await startInstallation(particular)
  const address = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local', name: 'default' }
  const machines = policyMachines({ machines: [aMachineId('web1'), DB], max: 'PT3H' })
  valueOf(await configurePolicy(installation.app, { address, kind: 'Basic', machines, caller: ALICE, force: false }))
}

const ask = async (machine = aMachineId('web1')): Promise<StoredRequest> =>
  valueOf(
    await requestAccess(installation.app, {
      policy: POLICY,
      policyId: POLICY_ID,
      body: aRequest({ machines: [machine] }),
      caller: ALICE,
    }),
  )

const states = async ({ id }: StoredRequest): Promise<string[]> =>
  ((await installation.app.store.reads.request(id))?.grants ?? []).map(({ state, reason }) => `${state} ${reason}`)

const allows = (group: string): number =>
  installation.groups.get(groupPoint(group))?.rules.filter(({ access }) => access === 'Allow').length ?? -1

describe('a point that needs four minutes to close', () => {
  const slow =
    (group: string) =>
    (point: PointId): PointTraits =>
      point === groupPoint(group) ? { lead: 4 * MINUTE } : {}

  it('is closed four minutes ahead, so that it is closed at the end, and wakes the loop for it', async () => {
    await start({ traitsOf: slow('nsg1') })
    const request = await ask()
    expect((await installation.app.store.reads.point(groupPoint('nsg1')))?.dueAt).toBeLessThanOrEqual(
      installation.now() + HOUR - 4 * MINUTE,
    )
    await installation.pass(56 * MINUTE - SECOND)
    expect([allows('nsg1'), await states(request)]).toEqual([1, ['open UserRequested']])
    await installation.pass(SECOND)
    expect([allows('nsg1'), await states(request)]).toEqual([0, ['closed Expired']])
  })

  it('is closed ahead alone: the machine’s other point stays open to the end, and only then is the access over', async () => {
    await start({ traitsOf: slow('nsg2') })
    const request = await ask(DB)
    await installation.pass(56 * MINUTE)
    expect([allows('nsg1'), allows('nsg2'), await states(request)]).toEqual([1, 0, ['open UserRequested']])
    await installation.pass(4 * MINUTE)
    expect([allows('nsg1'), allows('nsg2'), await states(request)]).toEqual([0, 0, ['closed Expired']])
  })
})

const otherTakes = (): Promise<readonly unknown[]> =>
  installation.app.store.claimDue(leaseFor('other', installation.now()), 10, [POINT_PREFIX])

describe('a point that another replica has taken over', () => {
  it('is not touched by a pass that comes to its turn only now', async () => {
    await start({})
    const row = await installation.app.store.reads.point(groupPoint('nsg1'))
    if (row === undefined) throw new Error('the policy wished for its point')
    installation.tick(HOUR)
    expect(await otherTakes()).toHaveLength(2)
    const { faults, app } = installation
    faults.push({ kind: 'error before effect' }) // for whoever calls the driver
    await new Passes(app).run({ ...row, leaseOwner: app.owner, leaseUntil: installation.now() - SECOND })
    expect([faults.length, (await app.store.reads.point(row.id))?.leaseOwner]).toEqual([1, 'other'])
  })
})

describe('a pass that takes longer than a lease', () => {
  const gate = (): { readonly passed: Promise<void>; open: () => void } => {
    const { promise, resolve } = Promise.withResolvers<void>()
    return { passed: promise, open: resolve }
  }
  /** Sleeps until the pass is over, or until the test lets the time for a renewal come. */
  const renewing = () => {
    const tick = gate()
    let renewed = 0
    const over = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    return {
      tick,
      renewed: () => renewed,
      timer: {
        sleep: (_millis: number, signal: AbortSignal): Promise<void> =>
          Promise.race([over(signal), ...(renewed === 0 ? [tick.passed.then(() => void renewed++)] : [])]),
      },
    }
  }
  it('keeps the point for itself for as long as it takes', async () => {
    const slowness = gate()
    const { tick, timer, renewed } = renewing()
    await start({ traitsOf: () => ({ patience: 5 * MINUTE }), timer, slowness: () => slowness.passed })
    installation.faults.push(undefined, { kind: 'slow', millis: MINUTE })
    const request = await ask()
    installation.tick(15 * SECOND)
    tick.open()
    await expect.poll(renewed).toBeGreaterThan(0)
    await expect
      .poll(async () => (await installation.app.store.reads.point(groupPoint('nsg1')))?.leaseUntil)
      .toBe(installation.now() + 20 * SECOND)
    installation.tick(15 * SECOND)
    expect(await otherTakes()).toEqual([])
    slowness.open()
    await expect.poll(() => states(request)).toEqual(['open UserRequested'])
    expect(allows('nsg1')).toBe(1)
  })

  it('ends when another replica has taken the point over, and counts for nothing', async () => {
    const { tick, timer } = renewing()
    await start({ traitsOf: () => ({ patience: 5 * MINUTE }), timer })
    installation.faults.push(undefined, { kind: 'slow', millis: MINUTE })
    const request = await ask()
    installation.tick(25 * SECOND)
    expect(await otherTakes()).toHaveLength(1)
    tick.open()
    await expect.poll(() => installation.logged).toContain('a pass failed and will be repeated')
    expect([allows('nsg1'), await states(request)]).toEqual([0, ['opening UserRequested']])
  })
})
