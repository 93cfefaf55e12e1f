/** What a test finds in an account of moto: made with the official SDK, as its owner would make it. */
import * as sdk from '@aws-sdk/client-ec2'
import { sdkEc2 } from '../../src/drivers/aws/sdk-ec2.ts'
import type { Ec2 } from '../../src/drivers/aws/ec2.ts'

export const REGION = 'eu-central-1'
/** Keys that begin with FKIA are refused by newer versions; any other pair is taken, and names no account. */
export const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'sallyport-test' }
export const ACCOUNT = '123456789012'

export function motoClient(url: string): sdk.EC2Client {
  return new sdk.EC2Client({ region: REGION, endpoint: url, credentials: KEYS, maxAttempts: 1 })
}

export function motoEc2(client: sdk.EC2Client): Ec2 {
  return sdkEc2({ sdk, client, account: ACCOUNT })
}

export interface Network {
  readonly vpc: string
  readonly subnet: string
}

export async function makeNetwork(client: sdk.EC2Client): Promise<Network> {
  const { Vpc } = await client.send(
    new sdk.CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }),
  )
  const vpc = known(Vpc?.VpcId)
  const { Subnet } = await client.send(new sdk.CreateSubnetCommand({ VpcId: vpc, CidrBlock: '10.0.0.0/20' }))
  return { vpc, subnet: known(Subnet?.SubnetId) }
}

export async function makeGroup(
  client: sdk.EC2Client,
  vpc: string,
  { name, rules = [] }: { readonly name: string; readonly rules?: readonly sdk.IpPermission[] },
): Promise<string> {
  const input = { GroupName: name, Description: `${name} of theirs`, VpcId: vpc }
  const group = known((await client.send(new sdk.CreateSecurityGroupCommand(input))).GroupId)
  if (rules.length > 0)
    await client.send(new sdk.AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [...rules] }))
  return group
}

export async function makePrefixList(client: sdk.EC2Client, name: string): Promise<string> {
  const { PrefixList } = await client.send(
    new sdk.CreateManagedPrefixListCommand({
      PrefixListName: name,
      AddressFamily: 'IPv4',
      MaxEntries: 3,
      Entries: [{ Cidr: '198.51.100.0/24' }],
    }),
  )
  return known(PrefixList?.PrefixListId)
}

/** Instances, each with one interface that carries these groups. */
export async function launch(
  client: sdk.EC2Client,
  {
    subnet,
    groups,
    names,
  }: { readonly subnet: string; readonly groups: readonly string[]; readonly names: readonly string[] },
): Promise<string[]> {
  const { Instances = [] } = await client.send(
    new sdk.RunInstancesCommand({
      ImageId: 'ami-785db401',
      MinCount: names.length,
      MaxCount: names.length,
      SubnetId: subnet,
      SecurityGroupIds: [...groups],
    }),
  )
  const ids = Instances.map(({ InstanceId }) => known(InstanceId))
  for (const [index, id] of ids.entries())
    await client.send(
      new sdk.CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'Name', Value: names[index] ?? '' }] }),
    )
  return ids
}

function known(value: string | undefined): string {
  if (value === undefined) throw new Error('expected EC2 to say what it made')
  return value
}
