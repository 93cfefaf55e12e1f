/**
 * Who asks AWS: the server's own role, a profile of its configuration files, or a key; and, per account, the role that it
 * assumes with that. Nothing is asked before it is needed, and the SDK renews what ends.
 */
import type { EC2ClientConfig } from '@aws-sdk/client-ec2'
import type { OpenConnection } from '../../app/ports.ts'
import type { AwsAccount, AwsCredential, AwsSettings } from '../../domain/connection.ts'

type Providers = typeof import('@aws-sdk/credential-providers')

export type Credentials = NonNullable<EC2ClientConfig['credentials']>

/** Names the session in the account's CloudTrail. */
const SESSION = 'sallyport'

export interface CredentialsOf {
  readonly providers: Providers
  readonly settings: AwsSettings
  readonly secret: OpenConnection['secret']
  readonly region: string
}

/** Without an account, the credential itself. */
export function credentialsFor(of: CredentialsOf, account: AwsAccount | undefined): Credentials {
  const own = ownCredentials(of, of.settings.credential)
  if (account === undefined) return own
  const { providers, settings, region } = of
  const { roleArn, externalId } = account
  return providers.fromTemporaryCredentials({
    masterCredentials: own,
    params: {
      RoleArn: roleArn,
      RoleSessionName: SESSION,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    },
    clientConfig: { region, ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }) },
  })
}

function ownCredentials({ providers, secret }: CredentialsOf, credential: AwsCredential): Credentials {
  switch (credential.kind) {
    case 'instanceRole':
      return providers.createCredentialChain(
        providers.fromTokenFile(),
        providers.fromContainerMetadata(),
        providers.fromInstanceMetadata({ timeout: 2_000, maxRetries: 2 }),
      )
    case 'profile':
      return providers.fromIni({ profile: credential.profile })
    case 'staticKeys':
      return { accessKeyId: credential.accessKeyId, secretAccessKey: secret ?? '' }
  }
}
