/** `connect aws`: connects accounts and regions of AWS, or prints the policies that this needs there. */
import { Option, type Command } from 'commander'
import type { WireConnectionSettings } from '../../../contract/connection.ts'
import { awsPolicies } from '../../../domain/clouds/aws-permissions.ts'
import { formatDuration } from '../../../domain/time.ts'
import { connectCloud } from '../../connect-cloud.ts'
import { withExamples } from '../../help/examples.ts'
import { usageFailure } from '../../failure.ts'
import { optionsOf, withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { readSecret } from '../../read-secret.ts'
import { repeatable } from '../../options/repeatable.ts'
import { openSession, type Session } from '../../session.ts'
import { parseHumanDuration } from '../../times.ts'

interface AwsOptions {
  readonly region?: readonly string[]
  readonly roleArn?: readonly string[]
  readonly externalId?: readonly string[]
  readonly instanceRole?: true
  readonly profile?: string
  readonly accessKeyId?: string
  readonly secretAccessKeyFile?: string
  readonly drift: 'repair' | 'report'
  readonly refreshEvery?: string
  readonly belt?: true
  readonly endpoint?: string
  readonly rulesPerGroup?: string
  readonly groupsPerInterface?: string
  readonly printPolicy?: true
  readonly dryRun?: true
  readonly force?: true
}

type AwsSettings = Extract<WireConnectionSettings, { kind: 'aws' }>

export function addConnectAws(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('aws').description('connect accounts of AWS'))
    .argument('[name]', 'what to call the connection', 'aws')
    .option('--region <region>', 'a region to connect (may be given again)', repeatable)
    .option('--role-arn <arn>', 'a role to assume, one for each account (may be given again)', repeatable)
    .option('--external-id <id>', 'the external id of the role before it; once: of all of them', repeatable)
    .option('--instance-role', 'ask as the role of the machine, task or pod that the server runs on')
    .option('--profile <name>', 'ask as this profile of the configuration files on the server')
    .option('--access-key-id <id>', 'ask by a key that never ends: discouraged, use a role where you can')
    .option('--secret-access-key-file <file>', 'the secret of that key; - for standard input')
    .addOption(
      new Option('--drift <way>', 'what to do when others change our rules')
        .choices(['repair', 'report'])
        .default('repair'),
    )
    .option('--refresh-every <time>', 'how old the list of machines may be; 5m when not given')
    .option('--belt', 'let a schedule in the account close each opening, even if this server is gone')
    .option('--endpoint <url>', 'ask here instead of AWS itself: for tests and gateways')
    .option('--rules-per-group <count>', 'that quota, where the account does not tell it')
    .option('--groups-per-interface <count>', 'that quota, where the account does not tell it')
    .option('--print-policy', 'print the IAM policies that this needs, and connect nothing')
    .option('--dry-run', 'try everything and keep nothing')
    .option('--force', 'connect although something is missing')
  withExamples(command, [
    {
      does: 'the policies for two accounts',
      line: 'sallyport connect aws --role-arn arn:aws:iam::111111111111:role/Sallyport --external-id 7c1… --print-policy',
    },
    {
      does: 'the account that the server runs in',
      line: 'sallyport connect aws --region eu-central-1 --instance-role',
    },
    {
      does: 'another account',
      line: 'sallyport connect aws prod --region eu-central-1 --instance-role --role-arn arn:aws:iam::111111111111:role/Sallyport --external-id 7c1…',
    },
    { does: 'what is missing?', line: 'sallyport connect aws --region eu-central-1 --profile ops --dry-run' },
  ])
  command.action(async (name: string, options: AwsOptions) => {
    if (options.printPolicy === true) return printPolicies(io, options)
    const { credential, secretFrom } = credentialFrom(options)
    const settings = settingsFrom(options, credential)
    const session = openSession(command, io)
    if (credential.kind === 'staticKeys') warnOfKeys(session)
    const isShown = optionsOf(command).curl === true
    const secret = secretFrom === undefined ? undefined : isShown ? 'THE-SECRET' : await readSecret(io, secretFrom)
    await connectCloud(session, {
      name,
      settings,
      secret,
      dryRun: options.dryRun === true,
      force: options.force === true,
    })
  })
}

function printPolicies(io: Io, options: AwsOptions): void {
  const { region: regions = [], belt = false } = options
  const policies = awsPolicies({ accounts: accountsFrom(options), regions, belt })
  io.stdout.write(`${JSON.stringify(policies, undefined, 2)}\n`)
}

function warnOfKeys(session: Session): void {
  session.say('warning: a key never ends and is worth stealing; prefer --instance-role, or --profile with a role')
}

interface Proof {
  readonly credential: AwsSettings['credential']
  /** The file that holds the secret; `-` for standard input. */
  readonly secretFrom?: string
}

function credentialFrom({ instanceRole, profile, accessKeyId, secretAccessKeyFile }: AwsOptions): Proof {
  const ways = [instanceRole, profile, accessKeyId].filter((way) => way !== undefined)
  if (ways.length !== 1)
    throw usageFailure(
      'say in exactly one way how the server asks AWS',
      '--instance-role, --profile NAME, or --access-key-id ID --secret-access-key-file FILE',
    )
  if (instanceRole === true) return { credential: { kind: 'instanceRole' } }
  if (profile !== undefined) return { credential: { kind: 'profile', profile } }
  if (accessKeyId === undefined || secretAccessKeyFile === undefined)
    throw usageFailure('a key has both: --access-key-id and --secret-access-key-file')
  return { credential: { kind: 'staticKeys', accessKeyId }, secretFrom: secretAccessKeyFile }
}

function settingsFrom(options: AwsOptions, credential: AwsSettings['credential']): AwsSettings {
  const { region: regions = [], drift, refreshEvery = '5m', belt = false, endpoint } = options
  if (regions.length === 0) throw usageFailure('say which regions: --region', '--region eu-central-1')
  const every = parseHumanDuration(refreshEvery)
  if (!every.ok) throw usageFailure(every.refusals.map(({ message }) => message).join('; '))
  const quotas = quotasFrom(options)
  return {
    kind: 'aws',
    drift,
    refreshEvery: formatDuration(every.value),
    credential,
    accounts: accountsFrom(options),
    regions: [...regions],
    ...(endpoint !== undefined && { endpoint }),
    belt,
    ...(quotas !== undefined && { quotas }),
  }
}

function accountsFrom({ roleArn = [], externalId = [] }: AwsOptions): AwsSettings['accounts'] {
  if (externalId.length > 1 && externalId.length !== roleArn.length)
    throw usageFailure(
      `give one --external-id for all roles, or one for each; got ${externalId.length}, and roles: ${roleArn.length}`,
    )
  return roleArn.map((arn, index) => {
    const account = /^arn:aws[\w-]*:iam::(\d{12}):role\//.exec(arn)?.[1]
    if (account === undefined)
      throw usageFailure(`'${arn}' is not a role; write one like arn:aws:iam::111111111111:role/Sallyport`)
    const id = externalId[index] ?? externalId[0]
    return { account, roleArn: arn, ...(id !== undefined && { externalId: id }) }
  })
}

function quotasFrom({ rulesPerGroup, groupsPerInterface }: AwsOptions): AwsSettings['quotas'] {
  if (rulesPerGroup === undefined && groupsPerInterface === undefined) return undefined
  return { rulesPerGroup: countFrom(rulesPerGroup ?? '60'), groupsPerInterface: countFrom(groupsPerInterface ?? '5') }
}

function countFrom(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw usageFailure(`'${text}' is not a quota; write a number like 60`)
}
