/** What an installation is born with: its subscription id and its tenant. Its administrator token has a file of its own. */
import { randomUUID } from 'node:crypto'
import type { Installation } from '../../app/app.ts'
import type { Store } from '../../app/ports/store.ts'

const SUBSCRIPTION = 'subscriptionId'
const TENANT = 'tenantId'

export async function openInstallation(store: Store): Promise<Installation> {
  return { subscriptionId: await idNamed(SUBSCRIPTION, store), resourceGroup: 'default', location: 'local' }
}

/** The one tenant that users, service principals and subscriptions of this installation belong to. */
export function openTenant(store: Store): Promise<string> {
  return idNamed(TENANT, store)
}

/** Made at the first start; replicas that start for the first time together take the one that was kept. */
async function idNamed(name: string, store: Store): Promise<string> {
  const known = await store.reads.setting(name)
  return known ?? store.transaction((tx) => tx.ensureSetting(name, randomUUID()))
}
