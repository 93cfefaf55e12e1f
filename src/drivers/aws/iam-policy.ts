/** The least that a connection needs in an account, as IAM policies. */

/** Of EC2: what is tried by a check, and what the policy allows. */
export const REQUIRED_ACTIONS = [
  'DescribeInstances',
  'DescribeNetworkInterfaces',
  'DescribeSecurityGroups',
  'DescribeSecurityGroupRules',
  'DescribeManagedPrefixLists',
  'CreateSecurityGroup',
  'DeleteSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  'RevokeSecurityGroupIngress',
  'RevokeSecurityGroupEgress',
  'CreateTags',
  'ModifyNetworkInterfaceAttribute',
] as const
