/**
 * What Sallyport must be allowed in an AWS account, and nothing more: the policies that `sallyport connect aws
 * --print-policy` prints, and what `sallyport connect check` tries.
 */

/** Each is tried by a check, as a dry run. */
export const EC2_ACTIONS = [
  'DescribeInstances',
  'DescribeNetworkInterfaces',
  'DescribeSecurityGroups',
  'DescribeSecurityGroupRules',
  'DescribeManagedPrefixLists',
  'CreateSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  'RevokeSecurityGroupIngress',
  'CreateTags',
  'ModifyNetworkInterfaceAttribute',
] as const

/** Allowed only for groups that carry our tag, so they can only be tried where there is one. */
export const EC2_ACTIONS_ON_OURS = ['DeleteSecurityGroup', 'RevokeSecurityGroupEgress'] as const

/** The tag by which the policies know our groups. */
export const AWS_TAG = 'sallyport:point'

/** The names by which a schedule finds what it needs: where the self-closing belt is on. */
export const BELT_ROLE = 'SallyportBelt'
export const BELT_GROUP = 'sallyport'

export interface AwsPolicies {
  readonly accounts: readonly {
    readonly account: string
    readonly roleArn: string
    readonly externalId?: string | undefined
  }[]
  readonly regions: readonly string[]
  readonly belt: boolean
}

/** AWS itself, or China or GovCloud, which are apart: everything there is named after it. */
export function partitionOfRegion(region: string): string {
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Roles say it themselves. Without any, the regions do. */
function partitionOf({ accounts: [first], regions: [region = ''] }: AwsPolicies): string {
  return first === undefined ? partitionOfRegion(region) : (first.roleArn.split(':')[1] ?? 'aws')
}

/** Documents by what they are for. Without accounts there is one identity, and nothing to assume. */
export function awsPolicies(asked: AwsPolicies): object {
  const { accounts, regions, belt } = asked
  const [first] = accounts
  const account = accounts.length === 1 && first !== undefined ? first.account : '*'
  const placed = { partition: partitionOf(asked), account, regions }
  return {
    permissions: document([
      ...readStatements(placed),
      ...writeStatements(placed),
      ...(belt ? beltStatements(placed) : []),
    ]),
    ...(first === undefined
      ? {}
      : {
          trust: trustDocument(placed, first.externalId),
          server: document([
            { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: accounts.map((one) => one.roleArn) },
          ]),
        }),
    ...(belt ? { beltRole: { name: BELT_ROLE, ...beltRole(placed) } } : {}),
  }
}

type Statement = Readonly<Record<string, unknown>>

interface Placed {
  readonly partition: string
  readonly account: string
  readonly regions: readonly string[]
}

function document(statements: readonly Statement[]): object {
  return { Version: '2012-10-17', Statement: statements }
}

function readStatements({ regions }: Placed): Statement[] {
  const describe = EC2_ACTIONS.filter((action) => action.startsWith('Describe'))
  return [
    {
      Sid: 'SeeMachinesAndRules',
      Effect: 'Allow',
      Action: [...describe.map((action) => `ec2:${action}`), 'ec2:DescribeAccountAttributes'],
      Resource: '*',
      ...(regions.length === 0 ? {} : { Condition: { StringEquals: { 'aws:RequestedRegion': regions } } }),
    },
    { Sid: 'SeeQuotas', Effect: 'Allow', Action: 'servicequotas:GetServiceQuota', Resource: '*' },
  ]
}

function writeStatements({ partition, account }: Placed): Statement[] {
  const of = (...kinds: readonly string[]): string[] =>
    kinds.map((kind) => `arn:${partition}:ec2:*:${account}:${kind}/*`)
  return [
    {
      Sid: 'OpenAndClose',
      Effect: 'Allow',
      Action: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
      Resource: of('security-group', 'security-group-rule'),
    },
    { Sid: 'MakeGroupsIn', Effect: 'Allow', Action: 'ec2:CreateSecurityGroup', Resource: of('vpc') },
    {
      Sid: 'MakeOwnGroups',
      Effect: 'Allow',
      Action: 'ec2:CreateSecurityGroup',
      Resource: of('security-group'),
      Condition: { Null: { [`aws:RequestTag/${AWS_TAG}`]: 'false' } },
    },
    {
      Sid: 'ChangeAndDeleteOwnGroups',
      Effect: 'Allow',
      Action: EC2_ACTIONS_ON_OURS.map((action) => `ec2:${action}`),
      Resource: of('security-group'),
      Condition: { Null: { [`aws:ResourceTag/${AWS_TAG}`]: 'false' } },
    },
    {
      // The rules that a new group begins with have no tags; they are reached only through their group, above.
      Sid: 'EmptyOwnGroups',
      Effect: 'Allow',
      Action: 'ec2:RevokeSecurityGroupEgress',
      Resource: of('security-group-rule'),
    },
    {
      Sid: 'TagWhatIsMade',
      Effect: 'Allow',
      Action: 'ec2:CreateTags',
      Resource: of('security-group', 'security-group-rule'),
      Condition: {
        StringEquals: { 'ec2:CreateAction': ['CreateSecurityGroup', 'AuthorizeSecurityGroupIngress'] },
      },
    },
    {
      Sid: 'TagOpenings',
      Effect: 'Allow',
      Action: 'ec2:CreateTags',
      Resource: of('security-group-rule'),
      Condition: { 'ForAllValues:StringLike': { 'aws:TagKeys': ['sallyport:*'] } },
    },
    {
      Sid: 'PutGroupsOnInterfaces',
      Effect: 'Allow',
      Action: 'ec2:ModifyNetworkInterfaceAttribute',
      Resource: of('network-interface', 'security-group', 'instance'),
    },
  ]
}

/** Whoever reads it puts the server's own identity in. */
function trustDocument({ partition }: Placed, externalId: string | undefined): object {
  return document([
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::ACCOUNT-OF-THE-SERVER:role/ROLE-OF-THE-SERVER` },
      Action: 'sts:AssumeRole',
      ...(externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
    },
  ])
}

function beltStatements({ partition, account }: Placed): Statement[] {
  return [
    {
      Sid: 'ScheduleClosings',
      Effect: 'Allow',
      Action: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'],
      Resource: `arn:${partition}:scheduler:*:${account}:schedule/${BELT_GROUP}/*`,
    },
    { Sid: 'SeeSchedules', Effect: 'Allow', Action: 'scheduler:ListSchedules', Resource: '*' },
    {
      Sid: 'KeepSchedulesTogether',
      Effect: 'Allow',
      Action: 'scheduler:CreateScheduleGroup',
      Resource: `arn:${partition}:scheduler:*:${account}:schedule-group/${BELT_GROUP}`,
    },
    {
      Sid: 'LetSchedulesClose',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: `arn:${partition}:iam::${account}:role/${BELT_ROLE}`,
      Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    },
  ]
}

/** The role that a schedule takes on: it can close, and nothing else. */
function beltRole({ partition, account }: Placed): object {
  return {
    trust: document([
      {
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Action: 'sts:AssumeRole',
        ...(account === '*' ? {} : { Condition: { StringEquals: { 'aws:SourceAccount': account } } }),
      },
    ]),
    permissions: document([
      {
        Effect: 'Allow',
        Action: 'ec2:RevokeSecurityGroupIngress',
        Resource: `arn:${partition}:ec2:*:${account}:security-group/*`,
        Condition: { Null: { [`aws:ResourceTag/${AWS_TAG}`]: 'false' } },
      },
      {
        Effect: 'Allow',
        Action: 'ec2:RevokeSecurityGroupIngress',
        Resource: `arn:${partition}:ec2:*:${account}:security-group-rule/*`,
      },
    ]),
  }
}
