/**
 * A connection as it is typed, and as it is sent. Whatever it lacks for its kind is said by name; what the form does not
 * show of a connection that is changed stays as it was. Pure.
 */
import type { WireConnection, WireConnectionSettings } from '../../../contract/connection.ts'

export const KINDS = ['azure', 'aws'] as const
export const AZURE_CREDENTIALS = ['managedIdentity', 'clientSecret', 'certificate', 'workloadIdentity'] as const
export const AWS_CREDENTIALS = ['instanceRole', 'profile', 'staticKeys'] as const
export const AZURE_CLOUDS = ['public', 'usgov', 'china'] as const

export interface ConnectionDraft {
  readonly name: string
  readonly kind: (typeof KINDS)[number]
  /** `custom` only where it is so already. */
  readonly cloud: (typeof AZURE_CLOUDS)[number] | 'custom'
  readonly tenant: string
  readonly subscriptions: string
  readonly azureCredential: (typeof AZURE_CREDENTIALS)[number]
  readonly clientId: string
  readonly awsCredential: (typeof AWS_CREDENTIALS)[number]
  readonly profile: string
  readonly accessKeyId: string
  readonly roles: string
  readonly regions: string
  readonly secret: string
  readonly drift: 'repair' | 'report'
}

export const EMPTY_DRAFT: ConnectionDraft = {
  name: '',
  kind: 'azure',
  cloud: 'public',
  tenant: '',
  subscriptions: '',
  azureCredential: 'managedIdentity',
  clientId: '',
  awsCredential: 'instanceRole',
  profile: '',
  accessKeyId: '',
  roles: '',
  regions: '',
  secret: '',
  drift: 'repair',
}

export type DraftField = Exclude<
  keyof ConnectionDraft,
  'kind' | 'cloud' | 'drift' | 'azureCredential' | 'awsCredential'
>

type AzureSettings = Extract<WireConnectionSettings, { kind: 'azure' }>
type AwsSettings = Extract<WireConnectionSettings, { kind: 'aws' }>

/** The secret is never given back, so that its field is empty. */
export function draftFrom({ name, settings }: WireConnection): ConnectionDraft {
  const { kind, drift } = settings
  const shown = { ...EMPTY_DRAFT, name, kind, drift }
  if (settings.kind === 'azure') {
    const { cloud, tenant, subscriptions, credential } = settings
    const { clientId = '' } = credential
    const listed = { tenant, subscriptions: subscriptions.join(' ') }
    return { ...shown, ...listed, cloud: cloud.name, azureCredential: credential.kind, clientId }
  }
  const { credential, accounts, regions } = settings
  return {
    ...shown,
    awsCredential: credential.kind,
    profile: credential.kind === 'profile' ? credential.profile : '',
    accessKeyId: credential.kind === 'staticKeys' ? credential.accessKeyId : '',
    roles: accounts.map(({ roleArn }) => roleArn).join(' '),
    regions: regions.join(' '),
  }
}

/** The fields that this kind of connection has, in the order in which they are asked for. */
export function fieldsOf({ kind, azureCredential, awsCredential }: ConnectionDraft): readonly DraftField[] {
  if (kind === 'azure') {
    const isSecret = azureCredential === 'clientSecret' || azureCredential === 'certificate'
    return ['name', 'tenant', 'subscriptions', 'clientId', ...(isSecret ? (['secret'] as const) : [])]
  }
  const own = { instanceRole: [], profile: ['profile'], staticKeys: ['accessKeyId', 'secret'] } as const
  return ['name', 'regions', 'roles', ...own[awsCredential]]
}

/** Whether the secret that is there can stay; the server wants it anew also when it would go to somebody else. */
export function keepsSecret(draft: ConnectionDraft, before: WireConnection | undefined): boolean {
  if (before?.hasSecret !== true) return false
  const { settings } = before
  return settings.credential.kind === (settings.kind === 'azure' ? draft.azureCredential : draft.awsCredential)
}

/** May stay empty. */
function isOptional(field: DraftField, draft: ConnectionDraft, before: WireConnection | undefined): boolean {
  if (field === 'secret') return keepsSecret(draft, before)
  return field === 'roles' || (field === 'clientId' && draft.azureCredential === 'managedIdentity')
}

export function missingIn(draft: ConnectionDraft, before?: WireConnection): readonly DraftField[] {
  return fieldsOf(draft).filter((field) => draft[field].trim() === '' && !isOptional(field, draft, before))
}

export function bodyFrom(draft: ConnectionDraft, before?: WireConnection): object {
  const { kind, drift, secret } = draft
  const known = before?.settings
  const settings =
    kind === 'azure'
      ? azureSettings(draft, known?.kind === 'azure' ? known : undefined)
      : awsSettings(draft, known?.kind === 'aws' ? known : undefined)
  const isAsked = fieldsOf(draft).includes('secret')
  return { settings: { ...known, kind, drift, ...settings }, ...(isAsked && secret !== '' ? { secret } : {}) }
}

function azureSettings(
  { cloud, tenant, subscriptions, azureCredential, clientId }: ConnectionDraft,
  before: AzureSettings | undefined,
): object {
  return {
    cloud: before?.cloud.name === cloud ? before.cloud : { name: cloud },
    tenant: tenant.trim(),
    subscriptions: listOf(subscriptions),
    credential: {
      ...(before?.credential.kind === azureCredential ? before.credential : {}),
      kind: azureCredential,
      // Left out, not empty: without one the managed identity is the machine's own.
      clientId: clientId.trim() === '' ? undefined : clientId.trim(),
    },
  }
}

function awsSettings(
  { awsCredential, profile, accessKeyId, roles, regions }: ConnectionDraft,
  before: AwsSettings | undefined,
): object {
  const credential = {
    kind: awsCredential,
    ...(awsCredential === 'profile' ? { profile: profile.trim() } : {}),
    ...(awsCredential === 'staticKeys' ? { accessKeyId: accessKeyId.trim() } : {}),
  }
  const accountOf = (roleArn: string): object =>
    before?.accounts.find((known) => known.roleArn === roleArn) ?? { account: accountIn(roleArn), roleArn }
  return { credential, regions: listOf(regions), accounts: listOf(roles).map(accountOf) }
}

/** arn:aws:iam::123456789012:role/sallyport names the account too. */
function accountIn(roleArn: string): string {
  return roleArn.split(':')[4] ?? ''
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '')
}
