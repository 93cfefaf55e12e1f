/**
 * Tries every permission that a connection needs, without changing anything: EC2 answers a dry run with
 * `DryRunOperation` when it would have been allowed. Changes are tried on a resource that does not exist, so they could
 * not be carried out even if the dry run were overlooked.
 */
import type { EC2Client } from '@aws-sdk/client-ec2'
import { AWS_TAG, type EC2_ACTIONS, type EC2_ACTIONS_ON_OURS } from '../../domain/clouds/aws-permissions.ts'
import { found, foundAs, mendedBy } from '../../domain/check.ts'
import type { ConnectionCheck } from '../../domain/clouds/connection.ts'
import { isOurGroup } from './marks.ts'
import type { Region, Sdk } from './region.ts'

const NO_GROUP = 'sg-00000000000000000'
const NO_INTERFACE = 'eni-00000000000000000'
const NO_VPC = 'vpc-00000000000000000'
const NO_RULE = 'sgr-00000000000000000'

type Try = (client: EC2Client, signal: AbortSignal) => Promise<unknown>

export async function checkRegion(sdk: Sdk, region: Region, signal: AbortSignal): Promise<ConnectionCheck[]> {
  const identity = await whoIs(region, signal)
  if (identity.status !== 'ok') return [identity]
  const scope = identity.scope
  const client = new sdk.ec2.EC2Client({ ...region.config, maxAttempts: 2 })
  try {
    const checks = (tries: Readonly<Record<string, Try>>): Promise<ConnectionCheck>[] =>
      Object.entries(tries).map(async ([action, attempt]) => {
        const outcome = await outcomeOf(() => attempt(client, signal))
        return { name: `ec2:${action}`, scope, ...judged(`ec2:${action}`, outcome) }
      })
    const ours = await ownGroup(region, signal)
    return [
      identity,
      ...(await checkBelt(region, scope, signal)),
      ...(await Promise.all([...checks(triesOf(sdk)), ...(ours === undefined ? [] : checks(triesOnOurs(sdk, ours)))])),
    ]
  } finally {
    client.destroy()
  }
}

/** Where it is on. Nothing of it can be tried without doing it, but for reading. */
async function checkBelt({ belt }: Region, scope: string, signal: AbortSignal): Promise<ConnectionCheck[]> {
  if (belt === undefined) return []
  await belt.list('sallyport-check', signal)
  const problem = belt.problem()
  const name = 'scheduler:ListSchedules'
  if (problem === undefined) return [{ name, scope, status: 'ok', ...found('ActionAllowed', { action: name }) }]
  return [
    {
      name,
      scope,
      status: 'missing',
      ...foundAs(problem),
      ...mendedBy('AllowBelt', {}),
    },
  ]
}

/** What is allowed only for groups of ours is refused for any other: it is tried when there is one. */
async function ownGroup(region: Region, signal: AbortSignal): Promise<string | undefined> {
  const groups = await (await region.ec2(signal)).groups('all', signal).catch(() => [])
  return groups.find(isOurGroup)?.id
}

async function whoIs(region: Region, signal: AbortSignal): Promise<ConnectionCheck> {
  const name = 'sts:GetCallerIdentity'
  try {
    const account = await region.account(signal)
    const scope = `${account}/${region.name}`
    return { name, scope, status: 'ok', ...found('CredentialsBelong', { account }) }
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    const refused = { ...found('CredentialsRefused', { problem }), ...mendedBy('MendAwsCredential', {}) }
    return { name, scope: region.name, status: 'missing', ...refused }
  }
}

type Outcome = { readonly kind: 'allowed' } | { readonly kind: 'denied' | 'unknown'; readonly message: string }

/** Anything but a refusal for lack of permission proves that the permission was judged, and given. */
async function outcomeOf(act: () => Promise<unknown>): Promise<Outcome> {
  try {
    await act()
    return { kind: 'allowed' }
  } catch (cause) {
    const { name, message } = cause instanceof Error ? cause : new Error(String(cause))
    if (name === 'DryRunOperation' || /NotFound$|^InvalidParameter/.test(name)) return { kind: 'allowed' }
    if (/UnauthorizedOperation|AccessDenied|AuthFailure|NotAuthorized/.test(name)) return { kind: 'denied', message }
    return { kind: 'unknown', message: `${name}: ${message}` }
  }
}

function judged(action: string, outcome: Outcome): Omit<ConnectionCheck, 'name' | 'scope'> {
  switch (outcome.kind) {
    case 'allowed':
      return { status: 'ok', ...found('ActionAllowed', { action }) }
    case 'denied':
      return { status: 'missing', ...found('ActionDenied', { action }), ...mendedBy('AllowAction', { action }) }
    case 'unknown':
      return { status: 'unknown', ...found('ActionUntried', { action, problem: outcome.message }) }
  }
}

function triesOf({ ec2: sdk }: Sdk): Readonly<Record<(typeof EC2_ACTIONS)[number], Try>> {
  const DryRun = true
  const few = { DryRun, MaxResults: 5 }
  return {
    DescribeInstances: (client, abortSignal) => client.send(new sdk.DescribeInstancesCommand(few), { abortSignal }),
    DescribeNetworkInterfaces: (client, abortSignal) =>
      client.send(new sdk.DescribeNetworkInterfacesCommand(few), { abortSignal }),
    DescribeSecurityGroups: (client, abortSignal) =>
      client.send(new sdk.DescribeSecurityGroupsCommand(few), { abortSignal }),
    DescribeSecurityGroupRules: (client, abortSignal) =>
      client.send(new sdk.DescribeSecurityGroupRulesCommand(few), { abortSignal }),
    DescribeManagedPrefixLists: (client, abortSignal) =>
      client.send(new sdk.DescribeManagedPrefixListsCommand(few), { abortSignal }),
    CreateSecurityGroup: (client, abortSignal) =>
      client.send(
        new sdk.CreateSecurityGroupCommand({
          DryRun,
          VpcId: NO_VPC,
          GroupName: 'sallyport-check',
          Description: 'never made',
          TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: AWS_TAG, Value: 'check' }] }],
        }),
        { abortSignal },
      ),
    AuthorizeSecurityGroupIngress: (client, abortSignal) =>
      client.send(
        new sdk.AuthorizeSecurityGroupIngressCommand({
          DryRun,
          GroupId: NO_GROUP,
          IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.1/32' }] }],
        }),
        { abortSignal },
      ),
    RevokeSecurityGroupIngress: (client, abortSignal) =>
      client.send(
        new sdk.RevokeSecurityGroupIngressCommand({ DryRun, GroupId: NO_GROUP, SecurityGroupRuleIds: [NO_RULE] }),
        { abortSignal },
      ),
    CreateTags: (client, abortSignal) =>
      client.send(
        new sdk.CreateTagsCommand({ DryRun, Resources: [NO_RULE], Tags: [{ Key: 'sallyport:check', Value: '' }] }),
        { abortSignal },
      ),
    ModifyNetworkInterfaceAttribute: (client, abortSignal) =>
      client.send(
        new sdk.ModifyNetworkInterfaceAttributeCommand({
          DryRun,
          NetworkInterfaceId: NO_INTERFACE,
          Groups: [NO_GROUP],
        }),
        { abortSignal },
      ),
  }
}

function triesOnOurs({ ec2: sdk }: Sdk, group: string): Readonly<Record<(typeof EC2_ACTIONS_ON_OURS)[number], Try>> {
  return {
    DeleteSecurityGroup: (client, abortSignal) =>
      client.send(new sdk.DeleteSecurityGroupCommand({ DryRun: true, GroupId: group }), { abortSignal }),
    RevokeSecurityGroupEgress: (client, abortSignal) =>
      client.send(
        new sdk.RevokeSecurityGroupEgressCommand({ DryRun: true, GroupId: group, SecurityGroupRuleIds: [NO_RULE] }),
        { abortSignal },
      ),
  }
}
