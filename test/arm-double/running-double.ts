/** A double with the usual people, served over HTTPS and trusted by this process, and the SDKs' clients that speak to it. */
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { ComputeManagementClient } from '@azure/arm-compute'
import { NetworkManagementClient } from '@azure/arm-network'
import { ClientSecretCredential } from '@azure/identity'
import { ArmDouble, type DoubleInput } from './arm-double.ts'
import { OTHER_SUBSCRIPTION, OWNER, SUBSCRIPTION, TENANT } from './estate.ts'
import { serveDouble } from './https-shell.ts'

export function aDouble(input: Partial<DoubleInput> = {}): ArmDouble {
  return new ArmDouble({
    clock: { now: () => Date.now() },
    seed: 1,
    subscriptions: [
      { id: SUBSCRIPTION, name: 'Shop', tenant: TENANT },
      { id: OTHER_SUBSCRIPTION, name: 'Laboratory', tenant: TENANT },
    ],
    programs: [OWNER],
    ...input,
  })
}

export interface RunningDouble {
  readonly double: ArmDouble
  readonly url: string
  readonly authorityFile: string
  readonly credential: ClientSecretCredential
  readonly network: NetworkManagementClient
  readonly compute: ComputeManagementClient
  stop(): Promise<void>
}

export async function startDouble(input: Partial<DoubleInput> = {}): Promise<RunningDouble> {
  const double = aDouble(input)
  const shell = await serveDouble(double)
  const known = getCACertificates()
  setDefaultCACertificates([...known, shell.authority])
  const credential = new ClientSecretCredential(TENANT, OWNER.clientId, OWNER.secret ?? '', {
    authorityHost: shell.url,
    disableInstanceDiscovery: true,
  })
  const options = { endpoint: shell.url, retryOptions: { retryDelayInMs: 1, maxRetryDelayInMs: 5 } }
  return {
    double,
    url: shell.url,
    authorityFile: shell.authorityFile,
    credential,
    network: new NetworkManagementClient(credential, SUBSCRIPTION, options),
    compute: new ComputeManagementClient(credential, SUBSCRIPTION, options),
    stop: async () => {
      setDefaultCACertificates(known)
      await shell.close()
    },
  }
}
