/**
 * Where a cloud is: its resource manager, who signs tokens for it, and what those are asked for.
 * Source: the clouds of https://github.com/Azure/azure-sdk-for-go/blob/main/sdk/azcore/arm/runtime/runtime.go
 */
import type { AzureCloud } from '../../domain/clouds/connection.ts'

export interface CloudPlace {
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly authority: string
  /** The scope of a token. */
  readonly scope: string
  /** PEM of who vouches for both, beyond those that the system trusts. */
  readonly ca?: string
  /** Microsoft's own clouds know each other; a custom authority is in no list of theirs. */
  readonly isCustom: boolean
}

const CLOUDS: Readonly<Record<'public' | 'usgov' | 'china', CloudPlace>> = {
  public: {
    endpoint: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    scope: 'https://management.azure.com/.default',
    isCustom: false,
  },
  usgov: {
    endpoint: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    scope: 'https://management.core.usgovcloudapi.net/.default',
    isCustom: false,
  },
  china: {
    endpoint: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    scope: 'https://management.core.chinacloudapi.cn/.default',
    isCustom: false,
  },
}

export function placeOf(cloud: AzureCloud): CloudPlace {
  if (cloud.name !== 'custom') return CLOUDS[cloud.name]
  const endpoint = withoutSlash(cloud.endpoint)
  return {
    endpoint,
    authority: withoutSlash(cloud.authority),
    scope: `${withoutSlash(cloud.audience ?? endpoint)}/.default`,
    ...(cloud.ca === undefined ? {} : { ca: cloud.ca }),
    isCustom: true,
  }
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '')
}
