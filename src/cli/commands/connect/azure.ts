/** `connect azure`: connects subscriptions of Azure, or prints the role that this needs there. */
import { Option, type Command } from 'commander'
import type { WireConnectionSettings } from '../../../contract/connection.ts'
import { roleDefinitionFor } from '../../../domain/clouds/azure-permissions.ts'
import { formatDuration } from '../../../domain/time.ts'
import { connectCloud } from '../../connect-cloud.ts'
import { withExamples } from '../../help/examples.ts'
import { usageFailure } from '../../failure.ts'
import { optionsOf, withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { readSecret } from '../../read-secret.ts'
import { repeatable } from '../../options/repeatable.ts'
import { openSession } from '../../session.ts'
import { parseHumanDuration } from '../../times.ts'
import { readText } from '../../calls/transport.ts'

interface AzureOptions {
  readonly subscription?: readonly string[]
  readonly tenant?: string
  readonly managedIdentity?: true
  readonly clientId?: string
  readonly clientSecretFile?: string
  readonly certificate?: string
  readonly workloadIdentity?: true
  readonly federatedTokenFile?: string
  readonly cloud: 'public' | 'usgov' | 'china'
  readonly endpoint?: string
  readonly authority?: string
  readonly audience?: string
  readonly authorityCa?: string
  readonly drift: 'repair' | 'report'
  readonly refreshEvery?: string
  readonly firewallPolicies?: true
  readonly allowPriorities?: string
  readonly denyPriorities?: string
  readonly printRole?: true
  readonly dryRun?: true
  readonly force?: true
}

type AzureSettings = Extract<WireConnectionSettings, { kind: 'azure' }>

export function addConnectAzure(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('azure').description('connect subscriptions of Azure'))
    .argument('[name]', 'what to call the connection', 'azure')
    .option('--subscription <id>', 'a subscription to connect (may be given again)', repeatable)
    .option('--tenant <id>', 'the tenant that this server signs in to')
    .option('--managed-identity', 'sign in as the managed identity of the machine that the server runs on')
    .option('--client-id <id>', 'the application, or the managed identity when there are several')
    .option('--client-secret-file <file>', 'sign in by the secret in this file; - for standard input')
    .option('--certificate <file>', 'sign in by this certificate and its private key, PEM')
    .option('--workload-identity', 'sign in by the token that Kubernetes or another platform gives to the server')
    .option('--federated-token-file <file>', 'where that token is, on the server')
    .addOption(new Option('--cloud <cloud>', 'which Azure').choices(['public', 'usgov', 'china']).default('public'))
    .option('--endpoint <url>', 'the resource manager of an Azure of your own')
    .option('--authority <url>', 'who signs tokens there')
    .option('--audience <url>', 'what tokens are asked for there; the endpoint when not given')
    .option('--authority-ca <file>', 'the certificate authorities that vouch for both, PEM')
    .addOption(
      new Option('--drift <way>', 'what to do when others change our rules')
        .choices(['repair', 'report'])
        .default('repair'),
    )
    .option('--refresh-every <time>', 'how old the list of machines may be; 5m when not given')
    .option('--firewall-policies', 'also change firewalls that policies manage; each change takes minutes')
    .option('--allow-priorities <range>', 'where allow rules may stand, such as 100-999')
    .option('--deny-priorities <range>', 'where deny rules may stand, such as 1000-4096')
    .option(
      '--print-role',
      'print the role that the identity needs, for az role definition create, and connect nothing',
    )
    .option('--dry-run', 'try everything and keep nothing')
    .option('--force', 'connect although something is missing')
  withExamples(command, [
    {
      does: 'the role that the server needs',
      line: 'sallyport connect azure --subscription 1111… --print-role > role.json && az role definition create --role-definition role.json',
    },
    {
      does: 'a server on a machine in Azure',
      line: 'sallyport connect azure --tenant 2222… --subscription 1111… --managed-identity',
    },
    {
      does: 'a server elsewhere',
      line: 'sallyport connect azure prod --tenant 2222… --subscription 1111… --client-id 3333… --certificate app.pem',
    },
    {
      does: 'what is missing?',
      line: 'sallyport connect azure --tenant 2222… --subscription 1111… --managed-identity --dry-run',
    },
  ])
  command.action(async (name: string, options: AzureOptions) => {
    const subscriptions = options.subscription ?? []
    if (subscriptions.length === 0)
      throw usageFailure('say which subscriptions: --subscription', '--subscription 1111…')
    if (options.printRole === true) return printRole(io, subscriptions, options)
    const { credential, secretFrom } = credentialFrom(options)
    const settings = settingsFrom(subscriptions, options, credential)
    const session = openSession(command, io)
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

function printRole(
  io: Io,
  subscriptions: readonly string[],
  { firewallPolicies = false }: { readonly firewallPolicies?: boolean },
): void {
  io.stdout.write(`${JSON.stringify(roleDefinitionFor({ subscriptions, firewallPolicies }), undefined, 2)}\n`)
}

interface Proof {
  readonly credential: AzureSettings['credential']
  /** The file that holds the secret; `-` for standard input. */
  readonly secretFrom?: string
}

function credentialFrom(options: AzureOptions): Proof {
  const { clientId, clientSecretFile, certificate, federatedTokenFile: tokenFile } = options
  const ways = [options.managedIdentity, clientSecretFile, certificate, options.workloadIdentity]
  if (ways.filter((way) => way !== undefined).length !== 1)
    throw usageFailure(
      'say in exactly one way how the server signs in',
      '--managed-identity, --client-secret-file FILE, --certificate FILE or --workload-identity',
    )
  if (options.managedIdentity === true)
    return { credential: { kind: 'managedIdentity', ...(clientId !== undefined && { clientId }) } }
  if (clientId === undefined) throw usageFailure('say which application signs in: --client-id', '--client-id 3333…')
  if (clientSecretFile !== undefined)
    return { credential: { kind: 'clientSecret', clientId }, secretFrom: clientSecretFile }
  if (certificate !== undefined) return { credential: { kind: 'certificate', clientId }, secretFrom: certificate }
  return { credential: { kind: 'workloadIdentity', clientId, ...(tokenFile !== undefined && { tokenFile }) } }
}

function settingsFrom(
  subscriptions: readonly string[],
  options: AzureOptions,
  credential: AzureSettings['credential'],
): AzureSettings {
  const { tenant, drift, refreshEvery = '5m', firewallPolicies = false } = options
  if (tenant === undefined) throw usageFailure('say which tenant: --tenant', '--tenant 2222…')
  const every = parseHumanDuration(refreshEvery)
  if (!every.ok) throw usageFailure(every.refusals.map(({ message }) => message).join('; '))
  const bands = bandsFrom(options)
  return {
    kind: 'azure',
    drift,
    refreshEvery: formatDuration(every.value),
    cloud: cloudFrom(options),
    tenant,
    subscriptions: [...subscriptions],
    credential,
    firewallPolicies,
    ...(bands !== undefined && { bands }),
  }
}

function cloudFrom({ cloud, endpoint, authority, audience, authorityCa }: AzureOptions): AzureSettings['cloud'] {
  if (endpoint === undefined && authority === undefined) return { name: cloud }
  if (endpoint === undefined || authority === undefined)
    throw usageFailure('an Azure of your own has both: --endpoint and --authority')
  return {
    name: 'custom',
    endpoint,
    authority,
    ...(audience !== undefined && { audience }),
    ...(authorityCa !== undefined && { ca: readText(authorityCa) }),
  }
}

/** One that is not given is the whole of what Azure allows. */
function bandsFrom({ allowPriorities, denyPriorities }: AzureOptions): AzureSettings['bands'] {
  if (allowPriorities === undefined && denyPriorities === undefined) return undefined
  return { allow: bandFrom(allowPriorities ?? '100-4096'), deny: bandFrom(denyPriorities ?? '100-4096') }
}

function bandFrom(text: string): { from: number; to: number } {
  const [, from, to] = /^(\d{3,4})-(\d{3,4})$/.exec(text) ?? []
  if (from === undefined || to === undefined)
    throw usageFailure(`'${text}' is not a range of priorities; write one like 100-999`)
  return { from: Number(from), to: Number(to) }
}
