import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { patientBelt } from '../../src/drivers/aws/patient-belt.ts'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import { anOpening, NOON } from '../support/builders.ts'
import { aws } from './aws-cli.ts'
import { motoPython, startMoto, type Moto } from './moto.ts'
import { launch, makeGroup, makeNetwork, motoClient } from './moto-account.ts'
import { motoPoint, motoSide, type MotoSide } from './moto-side.ts'
import { desiredOf, machineOf, NOTHING, shieldOf, stageOn, type VpcStage } from './vpc-stage.ts'

describe.skipIf(motoPython === undefined)('the self-closing belt', () => {
  let moto: Moto
  let own: MotoSide
  let stage: VpcStage
  let instance: string

  beforeAll(async () => {
    moto = await startMoto()
  })
  afterAll(() => moto.stop())
  beforeEach(async () => {
    const client = motoClient(moto.url)
    const { vpc, subnet } = await makeNetwork(client)
    const group = await makeGroup(client, vpc, { name: 'web' })
    const [first = ''] = await launch(client, { subnet, groups: [group], names: ['web1'] })
    instance = first
    own = await motoSide(moto.url, { belt: true })
    stage = stageOn(own.side.driver, motoPoint(vpc))
  })
  afterEach(async () => {
    await own.side.close()
    await moto.reset()
  })

  const wanted = (until: number): Parameters<VpcStage['settle']>[0] =>
    desiredOf(
      [shieldOf(instance, { number: 22, protocol: 'TCP' })],
      until === 0
        ? []
        : [anOpening({ machine: machineOf(instance), port: 22, protocol: 'TCP', from: '203.0.113.7', until })],
    )
  interface Schedules {
    readonly Schedules: readonly { readonly Name: string }[]
  }
  const schedules = async (): Promise<string[]> =>
    ((await aws(moto.url, 'scheduler', 'list-schedules')) as Schedules).Schedules.map(({ Name }) => Name) // as it answers

  it('has AWS itself revoke each opening at its end, moves with an extension, and goes with an early close', async () => {
    await stage.settle(wanted(NOON + HOUR))
    const [name = ''] = await schedules()
    const shown = await aws(moto.url, 'scheduler', 'get-schedule', '--name', name, '--group-name', 'sallyport')
    expect(shown).toMatchObject({
      ScheduleExpression: 'at(2026-01-31T13:00:00)',
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:ec2:revokeSecurityGroupIngress',
        RoleArn: 'arn:aws:iam::123456789012:role/SallyportBelt',
        Input: expect.stringMatching(/^\{"GroupId":"sg-[0-9a-f]+","SecurityGroupRuleIds":\["sgr-[0-9a-f]+"\]\}$/),
      },
    })
    await stage.settle(wanted(NOON + HOUR + 30 * MINUTE))
    const moved = await schedules()
    expect(moved).toEqual([expect.stringMatching(/_1769866200$/)])
    expect(moved).not.toEqual([name])
    const { holes } = wanted(NOON + HOUR)
    await stage.settle(wanted(0), new Set(holes.map(({ slot }) => slot)))
    expect(await schedules()).toEqual([])
    await stage.settle(NOTHING)
  })
})

describe('a belt that fails', () => {
  it('holds up neither openings nor closings: it counts as off for some minutes, and says why', async () => {
    const { signal } = new AbortController()
    let now = NOON
    let asked = 0
    const belt = patientBelt(
      () => {
        asked += 1
        return Promise.reject(new Error('scheduler:ListSchedules is not allowed'))
      },
      { now: () => now },
    )
    expect([await belt.list('vpc-1_', signal), await belt.list('vpc-1_', signal), asked]).toEqual([
      undefined,
      undefined,
      1,
    ])
    expect(belt.problem()?.message).toContain('scheduler:ListSchedules is not allowed')
    now += 6 * MINUTE
    await belt.list('vpc-1_', signal)
    expect(asked).toBe(2)
  })
})
