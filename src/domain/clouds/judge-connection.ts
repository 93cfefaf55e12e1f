/**
 * Whether a connection to a cloud makes sense, before anything is asked of the cloud; and what it reaches. All issues are
 * told at once.
 */
import type {
  AwsSettings,
  AzureSettings,
  Connection,
  ConnectionSettings,
  CustomAzureCloud,
  PriorityBands,
} from './connection.ts'
import { briefly, quoted, refusal, withFacts, type Refusal, type Result, type Facts } from '../refusal.ts'
import { parseResourceId, type ResourceId, type ResourceKey } from '../resource-id.ts'
import { FIRST_PRIORITY, LAST_PRIORITY } from '../security-groups/security-rule.ts'
import { DAY, SECOND } from '../time.ts'

const NAME = /^[A-Za-z0-9][-\w.]{0,61}[A-Za-z0-9]?$/
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const TENANT = /^[A-Za-z0-9][-A-Za-z0-9.]{0,253}$/
const ACCOUNT = /^\d{12}$/
const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/
const ROLE = /^arn:aws[\w-]*:iam::(\d{12}):role\/[\w+=,.@/-]{1,512}$/
const ACCESS_KEY = /^[A-Z0-9]{16,128}$/
const SHORTEST_REFRESH = 10 * SECOND

export function issuesOfName(name: string): Refusal[] {
  if (NAME.test(name)) return []
  const message = `${quoted(name)} is not a name for a connection; use 1 to 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit`
  return [withFacts(refusal('InvalidConnectionName', message, 'name'), { got: briefly(name) })]
}

/** `hasSecret`: whether one was given or is kept. */
export function issuesOfSettings(settings: ConnectionSettings, { hasSecret }: { hasSecret: boolean }): Refusal[] {
  const { refreshEvery } = settings
  const common =
    refreshEvery >= SHORTEST_REFRESH && refreshEvery <= DAY
      ? []
      : [wrong('refreshEvery', 'an inventory is read every PT10S to P1D')]
  const own = settings.kind === 'azure' ? issuesOfAzure(settings) : issuesOfAws(settings)
  return [...common, ...own, ...issuesOfSecret(settings, hasSecret)]
}

function wrong(place: string, message: string, facts?: Facts): Refusal {
  const reason = refusal('InvalidConnection', message, `settings.${place}`)
  return facts === undefined ? reason : withFacts(reason, facts)
}

function issuesOfAzure({ cloud, tenant, subscriptions, credential, bands }: AzureSettings): Refusal[] {
  return [
    ...(cloud.name === 'custom' ? issuesOfCustomCloud(cloud) : []),
    ...(TENANT.test(tenant)
      ? []
      : [wrong('tenant', `a tenant is a GUID or a domain; got ${quoted(tenant)}`, { tenant: briefly(tenant) })]),
    ...issuesOfList(subscriptions, 'subscriptions', (id) =>
      GUID.test(id)
        ? undefined
        : { message: `a subscription is a GUID; got ${quoted(id)}`, facts: { subscription: briefly(id) } },
    ),
    ...(credential.clientId === undefined || GUID.test(credential.clientId)
      ? []
      : [issueOfClientId(credential.clientId)]),
    ...(bands === undefined ? [] : issuesOfBands(bands)),
  ]
}

function issueOfClientId(clientId: string): Refusal {
  const message = `a client id is a GUID; got ${quoted(clientId)}`
  return wrong('credential.clientId', message, { clientId: briefly(clientId) })
}

function issuesOfCustomCloud({ endpoint, authority, ca }: CustomAzureCloud): Refusal[] {
  return [
    ...issuesOfUrl(endpoint, 'cloud.endpoint', ['https:']),
    ...issuesOfUrl(authority, 'cloud.authority', ['https:']),
    ...(ca === undefined || ca.includes('-----BEGIN CERTIFICATE-----')
      ? []
      : [wrong('cloud.ca', 'the authorities are certificates in PEM text, not a file name')]),
  ]
}

const URL_TEXT = /^(https?:)\/\/[A-Za-z0-9.:[\]-]+(?:\/[\w./-]*)?$/

function issuesOfUrl(text: string, place: string, schemes: readonly string[]): Refusal[] {
  const scheme = URL_TEXT.exec(text)?.[1]
  if (scheme !== undefined && schemes.includes(scheme)) return []
  return [
    wrong(
      place,
      `expected a URL that begins with ${schemes.map((each) => `${each}//`).join(' or ')}; got ${quoted(text)}`,
    ),
  ]
}

function issuesOfBands({ allow, deny }: PriorityBands): Refusal[] {
  return Object.entries({ allow, deny }).flatMap(([name, { from, to }]) =>
    from >= FIRST_PRIORITY && from <= to && to <= LAST_PRIORITY
      ? []
      : [wrong(`bands.${name}`, `a band lies within ${FIRST_PRIORITY}–${LAST_PRIORITY}; got ${from}–${to}`)],
  )
}

function issuesOfAws({ accounts, regions, credential, endpoint, quotas }: AwsSettings): Refusal[] {
  return [
    ...issuesOfList(regions, 'regions', (region) =>
      REGION.test(region)
        ? undefined
        : { message: `a region is written like eu-west-1; got ${quoted(region)}`, facts: { region: briefly(region) } },
    ),
    ...accounts.flatMap(({ account, roleArn }, index) => issuesOfAccount(account, roleArn, `accounts[${index}]`)),
    ...issuesOfRepeats(
      accounts.map(({ account }) => account),
      'accounts',
    ),
    ...(credential.kind !== 'staticKeys' || ACCESS_KEY.test(credential.accessKeyId)
      ? []
      : [
          wrong('credential.accessKeyId', 'an access key id is 16 to 128 capital letters and digits', {
            accessKeyId: briefly(credential.accessKeyId),
          }),
        ]),
    ...(endpoint === undefined ? [] : issuesOfUrl(endpoint, 'endpoint', ['https:', 'http:'])),
    ...(quotas === undefined || (quotas.rulesPerGroup > 0 && quotas.groupsPerInterface > 0)
      ? []
      : [wrong('quotas', 'a quota is more than 0')]),
  ]
}

function issuesOfAccount(account: string, roleArn: string, place: string): Refusal[] {
  const facts = { role: briefly(roleArn) }
  if (!ACCOUNT.test(account))
    return [wrong(`${place}.account`, `an account is twelve digits; got ${quoted(account)}`, facts)]
  const [, inRole] = ROLE.exec(roleArn) ?? []
  const form = `a role is written like arn:aws:iam::${account}:role/Sallyport; got ${quoted(roleArn)}`
  if (inRole === undefined) return [wrong(`${place}.roleArn`, form, facts)]
  if (inRole === account) return []
  return [wrong(`${place}.roleArn`, `the role belongs to account ${inRole}, not to ${account}`)]
}

function issuesOfList(
  values: readonly string[],
  place: string,
  issueOf: (value: string) => { readonly message: string; readonly facts: Facts } | undefined,
): Refusal[] {
  if (values.length === 0) return [wrong(place, 'name at least one')]
  const issues = values.flatMap((value, index) => {
    const issue = issueOf(value)
    return issue === undefined ? [] : [wrong(`${place}[${index}]`, issue.message, issue.facts)]
  })
  return [...issues, ...issuesOfRepeats(values, place)]
}

function issuesOfRepeats(values: readonly string[], place: string): Refusal[] {
  const repeated = values.filter((value, index) => values.indexOf(value) !== index)
  return [...new Set(repeated)].map((value) =>
    wrong(place, `${quoted(value)} is listed twice`, { repeated: briefly(value) }),
  )
}

function issuesOfSecret({ credential }: ConnectionSettings, hasSecret: boolean): Refusal[] {
  const expected = SECRET_OF[credential.kind]
  if (expected !== undefined && !hasSecret)
    return [
      refusal('InvalidConnection', `the credential '${credential.kind}' needs ${expected} as its secret`, 'secret'),
    ]
  if (expected === undefined && hasSecret)
    return [refusal('InvalidConnection', `the credential '${credential.kind}' has no secret; leave it out`, 'secret')]
  return []
}

const SECRET_OF: Readonly<Record<ConnectionSettings['credential']['kind'], string | undefined>> = {
  managedIdentity: undefined,
  clientSecret: 'the client secret',
  certificate: 'the certificate and its private key in PEM text',
  workloadIdentity: undefined,
  instanceRole: undefined,
  profile: undefined,
  staticKeys: 'the secret access key',
}

export function needsSecret({ credential }: ConnectionSettings): boolean {
  return SECRET_OF[credential.kind] !== undefined
}

/** Whoever the secret goes to: while this stays the same, a kept secret may be used on; else it must be given again. */
export function recipientOf(settings: ConnectionSettings): string {
  const { kind, credential } = settings
  return JSON.stringify(
    settings.kind === 'azure'
      ? [kind, settings.cloud, settings.tenant.toLowerCase(), credential]
      : [kind, settings.endpoint ?? null, credential],
  )
}

/** Whether the machine would be found through the connection, by its id alone. */
export function reaches({ key, settings }: Pick<Connection, 'key' | 'settings'>, machine: ResourceKey): boolean {
  if (settings.kind === 'aws') return machine.startsWith(`${key}/`)
  const [, , subscription = '', , , , namespace = ''] = machine.split('/')
  return settings.subscriptions.includes(subscription) && /^microsoft\.(?:classic)?compute$/.test(namespace)
}

/** The beginnings of the ids of the points that it reaches. */
export function pointPrefixesOf({ settings }: Pick<Connection, 'settings'>): string[] {
  if (settings.kind === 'azure') return settings.subscriptions.map((id) => `azure:/subscriptions/${id}/`)
  if (settings.accounts.length === 0) return ['aws:']
  return settings.accounts.flatMap(({ account }) => settings.regions.map((region) => `aws:${account}/${region}/`))
}

/** Two connections that reach one point would undo each other. */
export function conflictsOf(
  connection: Pick<Connection, 'key' | 'settings'>,
  others: readonly Connection[],
): Refusal[] {
  const own = pointPrefixesOf(connection)
  return others
    .filter(({ key }) => key !== connection.key)
    .flatMap((other) => {
      const shared = pointPrefixesOf(other).find((prefix) => own.some((mine) => overlap(prefix, mine)))
      if (shared === undefined) return []
      const message = `the connection '${other.name}' reaches ${shared.replace(/^\w+:/, '')}… already; one place belongs to one connection`
      const facts = { name: other.name, place: shared.replace(/^\w+:/, '') }
      return [withFacts(refusal('ConnectionConflict', message, 'settings'), facts)]
    })
}

function overlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a)
}

export function connectionId(
  { subscriptionId, resourceGroup }: { readonly subscriptionId: string; readonly resourceGroup: string },
  name: string,
): Result<ResourceId> {
  return parseResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/securityConnectors/${name}`,
  )
}
