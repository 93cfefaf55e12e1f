import { setTimeout as pause } from 'node:timers/promises'
import type { EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Desired } from '../../src/domain/access/desired.ts'
import { HOUR } from '../../src/domain/time.ts'
import { anOpening, NOON } from '../support/builders.ts'
import { startFaultyProxy, type FaultyProxy, type Misfortune } from './faulty-proxy.ts'
import { motoPython, startMoto, type Moto } from './moto.ts'
import { launch, makeGroup, makeNetwork, motoClient, motoEc2 } from './moto-account.ts'
import { makeEstate, someVpcs } from './moto-estate.ts'
import { motoPoint, motoSide, type MotoSide } from './moto-side.ts'
import { aRule } from './small-vpc.ts'
import { desiredOf, NOTHING, shieldOf, stageOn, type VpcStage } from './vpc-stage.ts'
import { withoutRuleIds } from './who-gets-in.ts'

const { signal } = new AbortController()

describe.skipIf(motoPython === undefined)('AWS, as moto imitates it', () => {
  let moto: Moto
  let client: EC2Client
  let proxy: FaultyProxy
  let own: MotoSide

  beforeAll(async () => {
    moto = await startMoto()
  })
  afterAll(() => moto.stop())
  beforeEach(async () => {
    client = motoClient(moto.url)
    proxy = await startFaultyProxy(moto.url)
    own = await motoSide(proxy.url, { quotas: { rulesPerGroup: 60, groupsPerInterface: 5 } })
  })
  afterEach(async () => {
    await own.side.close()
    await proxy.stop()
    await moto.reset()
  })

  const everything = async (vpc: string): Promise<unknown> => {
    const ec2 = motoEc2(client)
    const groups = await ec2.groups({ vpc }, signal)
    const ids = groups.map(({ id }) => id)
    const { inbound, outbound } = await ec2.rules(ids, signal)
    return withoutRuleIds({
      groups: new Map(groups.map((group) => [group.id, group])),
      inbound: new Map(inbound.map((rule) => [rule.id, rule])),
      outbound: new Map(outbound.map((rule) => [rule.id, rule])),
      interfaces: new Map((await ec2.interfaces({ vpc }, signal)).map((one) => [one.id, one])),
      instances: new Map(),
    })
  }

  /** As AWS does, and moto does not. */
  const refuseToDeleteWhatIsUsed: FaultyProxy['refuses'] = async (action, parameters) => {
    if (action !== 'DeleteSecurityGroup') return undefined
    const group = parameters.get('GroupId') ?? ''
    const all = await motoEc2(client).interfaces('all', signal)
    return all.some(({ groups }) => groups.includes(group)) ? 'DependencyViolation' : undefined
  }

  const wanted = (shields: Desired['shields']): Desired =>
    desiredOf(
      shields,
      shields.map(({ machine, ports }) =>
        anOpening({ machine, port: ports[0]?.number ?? 22, from: '*', until: NOON + HOUR }),
      ),
    )

  it('is left as it was found, whatever rules it holds', { timeout: 120_000 }, async () => {
    for (const random of someVpcs(3, 20_261_121)) {
      const { vpc, shields } = await makeEstate(client, random)
      const before = await everything(vpc)
      const stage = stageOn(own.side.driver, motoPoint(vpc))
      const plan = await stage.settle(wanted(shields))
      expect(plan.held.size).toBe(wanted(shields).holes.length)
      await stage.settle(desiredOf(shields))
      await stage.settle(NOTHING)
      expect(await everything(vpc)).toEqual(before)
      expect(stage.journal).toEqual([])
    }
  })

  it('is shown as a pass left it before it is read again, and looked at anew when others changed it', async () => {
    const network = await makeNetwork(client)
    const open = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
    const rules = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, ...open }]
    const group = await makeGroup(client, network.vpc, { name: 'web', rules })
    const [instance = ''] = await launch(client, { ...network, groups: [group], names: ['web1'] })
    const snapshot = await own.side.inventoryOf(own.connection, signal)
    const key = snapshot.machines.find(({ vmId }) => vmId === instance)?.key
    if (key === undefined) throw new Error('expected a machine')
    const ports = [{ number: 22, protocol: 'TCP' }] as const
    expect(snapshot.exposuresOf(key, ports)).toHaveLength(1)
    const stage = stageOn(own.side.driver, motoPoint(network.vpc))
    const { steps } = await stage.plan(desiredOf([shieldOf(instance, ...ports)]))
    expect(steps[0]?.text).toContain(`tcp 22 on web1 (${instance})`)
    await stage.settle(desiredOf([shieldOf(instance, ...ports)]))
    expect(snapshot.exposuresOf(key, ports)).toEqual([])

    const told: unknown[] = []
    const stop = own.side.driver.watch(({ point }) => told.push(point))
    await own.side.inventoryOf(own.connection, signal)
    expect(told).toEqual([])
    await motoEc2(client).authorize(group, [aRule('tcp 22 0.0.0.0/0')], signal)
    await own.side.inventoryOf(own.connection, signal)
    expect(told).toEqual([motoPoint(network.vpc)])
    stop()
  })

  it(
    'is left as it was found although calls are throttled, answers lost and changes shown late',
    { timeout: 120_000 },
    async () => {
      const [random] = someVpcs(1, 7)
      if (random === undefined) throw new Error('expected a random VPC')
      const { vpc, shields } = await makeEstate(client, random)
      const before = await everything(vpc)
      const stage = stageOn(own.side.driver, motoPoint(vpc))
      let calls = 0
      const fates = Array<Misfortune>(17).fill('none')
      fates[3] = 'throttled'
      fates[8] = 'answer lost'
      fates[13] = 'shown late'
      proxy.refuses = refuseToDeleteWhatIsUsed
      proxy.fate = () => fates[(calls += 1) % fates.length] ?? 'none'
      await insist(stage, wanted(shields))
      await insist(stage, NOTHING)
      proxy.fate = () => 'none'
      await stage.settle(NOTHING)
      expect(await everything(vpc)).toEqual(before)
      expect(proxy.counts.throttled * proxy.counts['answer lost'] * proxy.counts['shown late']).toBeGreaterThan(0)
    },
  )
})

/** As the product does: a pass that fails is begun again. */
async function insist(stage: VpcStage, desired: Desired): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const isDone = await stage.settle(desired).then(
      () => true,
      () => false,
    )
    if (isDone) return
    await pause(50) // the real service's own pace
  }
  throw new Error('not settled after 20 passes')
}
