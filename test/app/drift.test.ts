import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { aPolicyPlace, aRequest, policyMachines, valueOf } from '../support/builders.ts'
import { ALICE, groupPoint, startInstallation, type TestInstallation } from '../support/installation.ts'

const { address: ADDRESS, id: POLICY_ID, key: POLICY } = aPolicyPlace()
const POINT = groupPoint('nsg1')
/** The memory driver looks at everything this often. */
const HEARTBEAT = 10 * MINUTE

let installation: TestInstallation
async function begin(drift: 'repair' | 'report'): Promise<void> {
  installation = await startInstallation({ traitsOf: () => ({ drift }) })
  const machines = policyMachines({})
  valueOf(
    await configurePolicy(installation.app, { address: ADDRESS, kind: 'Basic', machines, caller: ALICE, force: false }),
  )
}
afterEach(() => installation.stop())

const ask = async (duration = 'PT1H', from?: string) =>
  valueOf(
    await requestAccess(installation.app, {
      policy: POLICY,
      policyId: POLICY_ID,
      body: aRequest({ duration, ...(from !== undefined && { from }) }),
      caller: ALICE,
    }),
  )
const rules = (access: string): number =>
  (installation.groups.get(POINT)?.rules ?? []).filter((rule) => rule.access === access).length
const wipe = (): unknown => installation.groups.edit(POINT, () => [])

async function told(): Promise<string[]> {
  return (await installation.audit()).map(({ action }) => action).filter((action) => action.startsWith('point.'))
}

describe('what somebody else changed', () => {
  beforeEach(() => begin('repair'))

  it('is told when it is found and when it is put right', async () => {
    await ask()
    wipe()
    await installation.pass(HEARTBEAT)
    expect([rules('Allow'), rules('Deny')]).toEqual([1, 1])
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
    expect((await installation.app.store.reads.point(POINT))?.drift).toBeUndefined()
  })

  it('is found in time also at a point where somebody asks all the time', async () => {
    await ask('PT3H')
    installation.groups.edit(POINT, (rules) => rules.filter(({ access }) => access !== 'Allow'))
    for (let minutes = 3; minutes <= 9; minutes += 3) {
      await installation.pass(3 * MINUTE)
      await ask('PT3H', `198.51.100.${minutes}`)
    }
    expect([rules('Allow'), await told()]).toEqual([3, []])
    await installation.pass(MINUTE)
    expect([rules('Allow'), await told()]).toEqual([4, ['point.drifted', 'point.repaired']])
  })

  it('is told once while putting it right keeps failing, and once when it is done', async () => {
    wipe()
    for (let failures = 0; failures < 3; failures++) {
      installation.faults.push(undefined, { kind: 'error before effect' })
      await installation.pass(failures === 0 ? HEARTBEAT : MINUTE)
    }
    expect(await told()).toEqual(['point.drifted'])
    expect((await installation.app.store.reads.point(POINT))?.drift).toMatchObject({
      steps: [{ text: expect.any(String) }],
    })
    await installation.pass(MINUTE)
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
    expect(rules('Deny')).toBe(1)
  })

  it('is found although the server was down when it happened', async () => {
    await ask('PT3H')
    wipe()
    installation.restart()
    await installation.pass(HEARTBEAT)
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
  })

  it('is not what we do ourselves: opening, closing and a restart in between', async () => {
    await ask()
    installation.restart()
    await installation.pass(HOUR)
    await ask()
    installation.faults.push({ kind: 'error before effect' })
    await installation.pass(HOUR)
    await installation.pass(2 * SECOND)
    expect(await told()).toEqual([])
  })
})

describe('where drift is only reported', () => {
  beforeEach(() => begin('report'))

  it('nothing is changed, the finding stays, and it is told once however often it is seen', async () => {
    await ask('PT3H')
    wipe()
    for (let looks = 0; looks < 3; looks++) await installation.pass(HEARTBEAT)
    installation.restart()
    await installation.pass(HEARTBEAT)
    expect([rules('Allow'), rules('Deny')]).toEqual([0, 0])
    expect(await told()).toEqual(['point.drifted'])
    expect((await installation.app.store.reads.point(POINT))?.drift).toMatchObject({ since: expect.any(Number) })
  })

  it('what is asked for is still opened, and closed at its end', async () => {
    wipe()
    await installation.pass(HEARTBEAT)
    await ask()
    expect(rules('Allow')).toBe(1)
    await installation.pass(HOUR)
    expect(rules('Allow')).toBe(0)
  })

  it('a hole that somebody put back after its end is closed all the same', async () => {
    await ask()
    const open = installation.groups.get(POINT)?.rules ?? []
    await installation.pass(HOUR)
    expect(rules('Allow')).toBe(0)
    installation.groups.edit(POINT, () => [...open])
    expect(rules('Allow')).toBe(1)
    await installation.pass(HEARTBEAT)
    expect(rules('Allow')).toBe(0)
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
  })

  it('the finding is over when somebody has put it right', async () => {
    const before = installation.groups.get(POINT)?.rules ?? []
    wipe()
    await installation.pass(HEARTBEAT)
    installation.groups.edit(POINT, () => [...before])
    await installation.pass(HEARTBEAT)
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
    expect((await installation.app.store.reads.point(POINT))?.drift).toBeUndefined()
  })
})
