/**
 * Connections to clouds: `/subscriptions/{installation}/resourceGroups/{group}/providers/Microsoft.Security/securityConnectors/{name}`.
 * What is written here may be shown to everybody who may read the connection; its one secret is never among it.
 */
import type { CheckWords } from '../check.ts'
import type { ResourceId, ResourceKey } from '../resource-id.ts'
import type { Instant, Millis } from '../time.ts'

export type ConnectionKind = 'azure' | 'aws'

/** `repair` undoes what others did to a point; `report` only tells of it. What ends is closed either way. */
export type DriftMode = 'repair' | 'report'

export interface Connection {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly name: string
  readonly settings: ConnectionSettings
  /** Whether a secret is kept for it. */
  readonly hasSecret: boolean
  /** Grows by one with every write; the ETag. */
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type ConnectionSettings = AzureSettings | AwsSettings

interface CommonSettings {
  readonly drift: DriftMode
  /** How long the inventory may be old before it is read again. */
  readonly refreshEvery: Millis
}

export interface AzureSettings extends CommonSettings {
  readonly kind: 'azure'
  readonly cloud: AzureCloud
  readonly tenant: string
  /** Ids, lower case. */
  readonly subscriptions: readonly string[]
  readonly credential: AzureCredential
  /** Whether firewalls that are managed by policies may be changed too: an extension of ours, and slow. */
  readonly firewallPolicies: boolean
  /** Where our rules may stand; without it the whole of 100–4096. */
  readonly bands?: PriorityBands
}

export type AzureCloud =
  { readonly name: 'public' | 'usgov' | 'china' } | ({ readonly name: 'custom' } & CustomAzureCloud)

export interface CustomAzureCloud {
  /** The resource manager: `https://management.local.azurestack.external`. */
  readonly endpoint: string
  /** Who signs tokens: `https://login.local.azurestack.external`. */
  readonly authority: string
  /** What tokens are asked for; the endpoint itself when it is left out. */
  readonly audience?: string
  /** PEM of the authorities that vouch for both. */
  readonly ca?: string
}

export type AzureCredential =
  | { readonly kind: 'managedIdentity'; readonly clientId?: string }
  /** The secret is the client secret. */
  | { readonly kind: 'clientSecret'; readonly clientId: string }
  /** The secret is the PEM of the certificate and its private key. */
  | { readonly kind: 'certificate'; readonly clientId: string }
  /** The file is on every server that serves the connection; AZURE_FEDERATED_TOKEN_FILE when it is left out. */
  | { readonly kind: 'workloadIdentity'; readonly clientId: string; readonly tokenFile?: string }

/** Both ends are inside. */
export interface PriorityBands {
  readonly allow: { readonly from: number; readonly to: number }
  readonly deny: { readonly from: number; readonly to: number }
}

export interface AwsSettings extends CommonSettings {
  readonly kind: 'aws'
  readonly credential: AwsCredential
  /** Empty: the credential's own account, without assuming a role. */
  readonly accounts: readonly AwsAccount[]
  readonly regions: readonly string[]
  /** For tests and for gateways: every service is asked here instead of in the cloud. */
  readonly endpoint?: string
  /** A one-time schedule in the account revokes each hole at its end, even if this installation is gone. */
  readonly belt: boolean
  /** Where the account does not tell its quotas. */
  readonly quotas?: { readonly rulesPerGroup: number; readonly groupsPerInterface: number }
}

export interface AwsAccount {
  /** Twelve digits. */
  readonly account: string
  readonly roleArn: string
  /** Not a secret: it says on whose behalf the role is assumed. */
  readonly externalId?: string
}

export type AwsCredential =
  | { readonly kind: 'instanceRole' }
  /** From the shared configuration files on the server. */
  | { readonly kind: 'profile'; readonly profile: string }
  /** Discouraged. The secret is the secret access key. */
  | { readonly kind: 'staticKeys'; readonly accessKeyId: string }

/** One permission or other thing that a connection needs, as it was tried. */
export interface ConnectionCheck extends CheckWords {
  /** What was tried: `Microsoft.Network/networkSecurityGroups/write`, `ec2:RevokeSecurityGroupIngress`. */
  readonly name: string
  /** Where: a subscription, an account and region. */
  readonly scope: string
  /** `unknown`: it could not be tried. */
  readonly status: 'ok' | 'missing' | 'unknown'
}
