/** A connection as it is typed, and as it is sent. Whatever it lacks for its kind is said by name. Pure. */

export const KINDS = ['azure', 'aws'] as const
export const AZURE_CREDENTIALS = ['managedIdentity', 'clientSecret', 'certificate', 'workloadIdentity'] as const
export const AWS_CREDENTIALS = ['instanceRole', 'profile', 'staticKeys'] as const
export const AZURE_CLOUDS = ['public', 'usgov', 'china'] as const

export interface ConnectionDraft {
  readonly name: string
  readonly kind: (typeof KINDS)[number]
  readonly cloud: (typeof AZURE_CLOUDS)[number]
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

/** The fields that this kind of connection has, in the order in which they are asked for. */
export function fieldsOf({ kind, azureCredential, awsCredential }: ConnectionDraft): readonly DraftField[] {
  if (kind === 'azure') {
    const isSecret = azureCredential === 'clientSecret' || azureCredential === 'certificate'
    return ['name', 'tenant', 'subscriptions', 'clientId', ...(isSecret ? (['secret'] as const) : [])]
  }
  const own = { instanceRole: [], profile: ['profile'], staticKeys: ['accessKeyId', 'secret'] } as const
  return ['name', 'regions', 'roles', ...own[awsCredential]]
}

/** May stay empty. */
function isOptional(field: DraftField, { azureCredential }: ConnectionDraft): boolean {
  return field === 'roles' || (field === 'clientId' && azureCredential === 'managedIdentity')
}

export function missingIn(draft: ConnectionDraft): readonly DraftField[] {
  return fieldsOf(draft).filter((field) => draft[field].trim() === '' && !isOptional(field, draft))
}

export function bodyFrom(draft: ConnectionDraft): object {
  const { kind, drift, secret } = draft
  const settings = kind === 'azure' ? azureSettings(draft) : awsSettings(draft)
  const isAsked = fieldsOf(draft).includes('secret')
  return { settings: { kind, drift, ...settings }, ...(isAsked && secret !== '' ? { secret } : {}) }
}

function azureSettings({ cloud, tenant, subscriptions, azureCredential, clientId }: ConnectionDraft): object {
  const credential = { kind: azureCredential, ...(clientId.trim() === '' ? {} : { clientId: clientId.trim() }) }
  return { cloud: { name: cloud }, tenant: tenant.trim(), subscriptions: listOf(subscriptions), credential }
}

function awsSettings({ awsCredential, profile, accessKeyId, roles, regions }: ConnectionDraft): object {
  const credential = {
    kind: awsCredential,
    ...(awsCredential === 'profile' ? { profile: profile.trim() } : {}),
    ...(awsCredential === 'staticKeys' ? { accessKeyId: accessKeyId.trim() } : {}),
  }
  return { credential, regions: listOf(regions), accounts: listOf(roles).map(accountOf) }
}

/** arn:aws:iam::123456789012:role/sallyport names the account too. */
function accountOf(roleArn: string): { account: string; roleArn: string } {
  return { account: roleArn.split(':')[4] ?? '', roleArn }
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '')
}
