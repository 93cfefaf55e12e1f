/**
 * Who asks AWS: the server's own role, a profile of its configuration files, or a key; and, per account, the role that it
 * assumes with that. Nothing is asked before it is needed, and the SDK renews what ends.
 */
import type { EC2ClientConfig } from '@aws-sdk/client-ec2'
import type { OpenConnection } from '../../app/ports/clouds.ts'
import type { AwsAccount, AwsCredential, AwsSettings } from '../../domain/clouds/connection.ts'

type Providers = typeof import('@aws-sdk/credential-providers')

export type Credentials = NonNullable<EC2ClientConfig['credentials']>

/** Names the session in the account's CloudTrail. */
const SESSION = 'sallyport'

export interface CredentialsOf {
  readonly providers: Providers
  readonly settings: AwsSettings
  readonly secret: OpenConnection['secret']
  readonly region: string
  /** Where AWS tells pods and tasks of their role. */
  readonly environment: Environment
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Without an account, the credential itself. */
export function credentialsFor(of: CredentialsOf, account: AwsAccount | undefined): Credentials {
  const own = ownCredentials(of, of.settings.credential)
  if (account === undefined) return own
  const { providers } = of
  const { roleArn, externalId } = account
  return providers.fromTemporaryCredentials({
    masterCredentials: own,
    params: {
      RoleArn: roleArn,
      RoleSessionName: SESSION,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    },
    clientConfig: stsOf(of),
  })
}

/** Where roles are asked for: AWS itself, or the gateway that stands for it. */
function stsOf({ settings: { endpoint }, region }: CredentialsOf): { region: string; endpoint?: string } {
  return { region, ...(endpoint === undefined ? {} : { endpoint }) }
}

function ownCredentials(of: CredentialsOf, credential: AwsCredential): Credentials {
  const { providers, secret } = of
  switch (credential.kind) {
    case 'instanceRole':
      return roleOfThisPlace(of)
    case 'profile':
      // The SDK would go on with the files as they were when it first read them, until the server ends.
      return providers.fromIni({ profile: credential.profile, ignoreCache: true, clientConfig: stsOf(of) })
    case 'staticKeys':
      return { accessKeyId: credential.accessKeyId, secretAccessKey: secret ?? '' }
  }
}

/**
 * AWS tells pods and tasks by the environment where their role is; an instance asks its metadata service. Chosen here, as
 * a chain of the SDK's providers ends at the one for containers instead of going on to the instance.
 */
function roleOfThisPlace(of: CredentialsOf): Credentials {
  const { providers, environment } = of
  const isSet = (name: string): boolean => (environment[name] ?? '') !== ''
  if (isSet('AWS_WEB_IDENTITY_TOKEN_FILE')) return providers.fromTokenFile({ clientConfig: stsOf(of) })
  if (isSet('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') || isSet('AWS_CONTAINER_CREDENTIALS_FULL_URI'))
    return providers.fromHttp()
  return providers.fromInstanceMetadata({ timeout: 2_000, maxRetries: 2 })
}
