import { afterEach, expect, it } from 'vitest'
import { Passes } from '../../src/app/convergence/passes.ts'
import { leaseFor } from '../../src/app/convergence/lease.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import type { Plan } from '../../src/app/ports/driver.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import { POINT_PREFIX } from '../../src/drivers/memory/security-groups.ts'
import { aMachineId, aPolicyPlace, aRequest, policyMachines, valueOf } from '../support/builders.ts'
import { ALICE, startInstallation, type TestInstallation } from '../support/installation.ts'

const { address, id: POLICY_ID, key: POLICY } = aPolicyPlace()
const FLOW = {
  machine: resourceKey(aMachineId('web1')),
  protocol: 'TCP',
  from: '203.0.113.7',
  fromPort: 50_000,
  to: '10.0.0.4',
  port: 22,
} as const

let installation: TestInstallation
afterEach(() => installation.stop())

/** Passes over a firewall at which somebody is connected by whatever is closed, and is cut off with it. */
function cuttingPasses(): Passes {
  const { app } = installation
  return new Passes({
    ...app,
    driverOf: (point) => {
      const driver = app.driverOf(point)
      if (driver === undefined) return undefined
      const plan = (input: Parameters<typeof driver.plan>[0]): Plan => {
        const made = driver.plan(input)
        return made.steps.some(({ kind }) => kind === 'close') ? { ...made, cut: [FLOW] } : made
      }
      return { ...driver, plan }
    },
  })
}

it('who was cut off is on record, once, also when the pass that did it failed', async () => {
  installation = await startInstallation()
  const { app, faults } = installation
  valueOf(
    await configurePolicy(app, { address, kind: 'Basic', machines: policyMachines({}), caller: ALICE, force: false }),
  )
  valueOf(await requestAccess(app, { policy: POLICY, policyId: POLICY_ID, body: aRequest({}), caller: ALICE }))
  const passes = cuttingPasses()
  const runDue = async (): Promise<void> => {
    for (const row of await app.store.claimDue(leaseFor('test', app.clock.now()), 10, [POINT_PREFIX]))
      await passes.run(row)
  }
  installation.tick(HOUR)
  faults.push(undefined, undefined, { kind: 'error before effect' }) // it looked, it cut them off, and could not look again
  await runDue()
  expect(installation.logged).toContain('a pass failed and will be repeated')
  for (let minutes = 0; minutes < 3; minutes++) {
    installation.tick(MINUTE)
    await app.store.dueNow([POINT_PREFIX], app.clock.now())
    await runDue()
  }
  const cut = (await installation.audit()).filter(({ action }) => action === 'access.cut')
  expect(cut.map(({ data }) => data)).toEqual([expect.stringContaining('203.0.113.7')])
})
