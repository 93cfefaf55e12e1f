/** A random VPC, made in moto as it is made in the model. */
import type { EC2Client } from '@aws-sdk/client-ec2'
import { sample } from 'fast-check'
import type { Shield } from '../../src/domain/access/desired.ts'
import { trafficKey, type NewRule } from '../../src/drivers/aws/group-rule.ts'
import { launch, makeGroup, makeNetwork, makePrefixList, motoEc2 } from './moto-account.ts'
import { randomVpc, type RandomVpc } from './random-vpc.ts'
import { shieldOf } from './vpc-stage.ts'

export interface MotoEstate {
  readonly vpc: string
  readonly shields: readonly Shield[]
}

export function someVpcs(count: number, seed: number): RandomVpc[] {
  return sample(randomVpc, { numRuns: count, seed })
}

const { signal } = new AbortController()

/** Each interface of the random VPC is an instance of its own here. */
export async function makeEstate(client: EC2Client, random: RandomVpc): Promise<MotoEstate> {
  const { vpc, subnet } = await makeNetwork(client)
  const list = await makePrefixList(client, 'offices')
  const groups: string[] = []
  for (let index = 0; index < random.groups; index++)
    groups.push(await makeGroup(client, vpc, { name: `group${index}` }))
  await writeRules(client, random, { groups, list })
  const instances: string[] = []
  for (const [index, one] of random.interfaces.entries())
    instances.push(
      ...(await launch(client, { subnet, groups: one.groups.map((at) => groups[at] ?? ''), names: [`vm${index}`] })),
    )
  const shields = random.shields.flatMap(({ ports }, index) => {
    const instance = instances[index]
    return instance === undefined ? [] : [shieldOf(instance, ...ports)]
  })
  return { vpc, shields }
}

async function writeRules(
  client: EC2Client,
  random: RandomVpc,
  { groups, list }: { readonly groups: readonly string[]; readonly list: string },
): Promise<void> {
  const ec2 = motoEc2(client)
  const placed = random.rules.map((rule) => {
    const group = groups[Number(rule.group.slice(3))] ?? ''
    const peer = rule.peer.startsWith('pl-') ? list : rule.peer.startsWith('sg-') ? (groups[0] ?? '') : rule.peer
    // moto keeps descriptions of rules for addresses alone.
    const { description: _, ...silent } = rule
    return { group, rule: { ...(peer === rule.peer ? rule : silent), peer } }
  })
  const unique = new Map(placed.map((one) => [`${one.group}|${trafficKey(one.rule)}`, one]))
  for (const { group, rule } of unique.values()) await ec2.authorize(group, [rule satisfies NewRule], signal)
}
