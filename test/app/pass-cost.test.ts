import { afterEach, describe, expect, it } from 'vitest'
import { PointView } from '../../src/app/convergence/point-view.ts'
import { reconcile } from '../../src/app/convergence/reconcile.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import type { Scope } from '../../src/app/ports/driver.ts'
import type { GrantAtPoint } from '../../src/app/ports/rows.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { aPolicyPlace, aRequest, policyMachines, valueOf } from '../support/builders.ts'
import { ALICE, groupPoint, startInstallation, type TestInstallation } from '../support/installation.ts'

const { address: ADDRESS, id: POLICY_ID, key: POLICY } = aPolicyPlace()
const POINT = groupPoint('nsg1')

/** Counts how often somebody goes through everything that is open there. */
class CountingView extends PointView {
  looks = 0
  override within(scope: Scope): GrantAtPoint[] {
    if (scope === 'all') this.looks += 1
    return super.within(scope)
  }
}

let installation: TestInstallation
afterEach(() => installation.stop())

async function ask(from: string): Promise<void> {
  const body = aRequest({ from })
  valueOf(await requestAccess(installation.app, { policy: POLICY, policyId: POLICY_ID, body, caller: ALICE }))
}

async function pass(view: PointView): Promise<void> {
  const { app } = installation
  const driver = app.driverOf(POINT)
  if (driver === undefined) throw new Error(`expected a driver for ${POINT}`)
  const { signal } = new AbortController()
  await reconcile(app, { point: POINT, view, driver, full: false, wishesOnly: false, foreign: [], signal })
}

/** On record alone: the pass is ours to run. */
async function revokeFirst(): Promise<void> {
  const { store, clock, owner } = installation.app
  const now = clock.now()
  const [first] = await store.reads.grantsAt(POINT)
  if (first === undefined) throw new Error('expected a grant to be open')
  await store.transaction(async (tx) => {
    const rows = await tx.wish({
      points: [POINT],
      shape: false,
      dueAt: now,
      lease: { owner, now, until: now + MINUTE },
    })
    const revisions = new Map(rows.map(({ id, wanted }) => [id, wanted]))
    const { grant } = first.grant
    await tx.changeGrants([{ grant, state: 'closing', reason: 'UserManuallyRevoked', at: now }], revisions)
  })
}

describe('a pass', () => {
  it('that closes one of many holes never goes through the others', async () => {
    installation = await startInstallation()
    const machines = policyMachines({})
    const { app } = installation
    valueOf(await configurePolicy(app, { address: ADDRESS, kind: 'Basic', machines, caller: ALICE, force: false }))
    for (const from of ['10.0.0.5', '10.0.0.6', '10.0.0.7']) await ask(from)
    const view = new CountingView()
    await pass(view)
    expect(view.looks).toBeGreaterThan(0)
    view.looks = 0
    await revokeFirst()
    await pass(view)
    expect(view.looks).toBe(0)
    expect(installation.groups.get(POINT)?.rules.filter(({ access }) => access === 'Allow')).toHaveLength(2)
  })
})
