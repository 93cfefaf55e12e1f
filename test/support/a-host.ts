/** A host on record, for tests: never enrolled unless they say otherwise. */
import { newHost, type Host, type HostId } from '../../src/domain/hosts/host.ts'
import { aMachineId, NOON, SUBSCRIPTION } from './builders.ts'

interface HostSpec extends Partial<Host> {
  readonly subscriptionId?: string
}

export function aHost(name = 'web1', { subscriptionId: subscription = SUBSCRIPTION, ...spec }: HostSpec = {}): Host {
  const machine = aMachineId(name, { subscription, type: 'Microsoft.HybridCompute/machines' })
  return {
    ...newHost({ id: `host-${name}` as HostId, machine, name, createdAt: NOON }), // any text of its own
    ...spec,
  }
}
