/**
 * How we prove to Azure who we are, by Microsoft's own library. It is loaded when there is a connection, and not before.
 * A secret goes to the library and to nobody else.
 */
import type { TokenCredential } from '@azure/identity'
import type { OpenConnection } from '../../app/ports/clouds.ts'
import type { AzureSettings } from '../../domain/clouds/connection.ts'
import type { Transport } from './arm-client.ts'
import type { CloudPlace } from './cloud-place.ts'

export interface CredentialDeps {
  readonly settings: AzureSettings
  readonly secret: OpenConnection['secret']
  readonly place: CloudPlace
  readonly transport: Transport
}

export async function openCredential(deps: CredentialDeps): Promise<TokenCredential> {
  const identity = await import('@azure/identity')
  const { settings, place, transport } = deps
  const { tenant, credential } = settings
  const options = {
    ...transport,
    authorityHost: place.authority,
    // An authority of one's own is not in Microsoft's list of clouds, and Microsoft cannot always be asked.
    ...(place.isCustom ? { disableInstanceDiscovery: true } : {}),
  }
  switch (credential.kind) {
    case 'managedIdentity':
      return new identity.ManagedIdentityCredential({
        ...transport,
        ...(credential.clientId === undefined ? {} : { clientId: credential.clientId }),
      })
    case 'clientSecret':
      return new identity.ClientSecretCredential(tenant, credential.clientId, secretOf(deps), options)
    case 'certificate':
      return new identity.ClientCertificateCredential(
        tenant,
        credential.clientId,
        { certificate: secretOf(deps) },
        options,
      )
    case 'workloadIdentity': {
      const { clientId, tokenFile } = credential
      return new identity.WorkloadIdentityCredential({
        ...options,
        tenantId: tenant,
        clientId,
        ...(tokenFile === undefined ? {} : { tokenFilePath: tokenFile }),
      })
    }
  }
}

function secretOf({ secret, settings }: CredentialDeps): string {
  if (secret !== undefined) return secret
  throw new Error(
    `the connection signs in by ${settings.credential.kind} and keeps no secret; give it one with 'sallyport connect azure'`,
  )
}
