/** Where nothing else is said, no host runs an agent. */
import type { App } from '../../src/app/app.ts'

export const NO_HOSTS: App['hosts'] = {
  sync: () => Promise.resolve(),
  tellingOf: () => ({ addresses: [], findings: [] }),
  isConnectedHere: () => false,
}
