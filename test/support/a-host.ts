/** A host on record, for tests: never enrolled unless they say otherwise. */
import type { Host, HostId } from '../../src/domain/host.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { aMachineId, NOON, SUBSCRIPTION } from './builders.ts'

interface HostSpec extends Partial<Host> {
  readonly subscriptionId?: string
}

export function aHost(name = 'web1', { subscriptionId: subscription = SUBSCRIPTION, ...spec }: HostSpec = {}): Host {
  const machine = aMachineId(name, { subscription, type: 'Microsoft.HybridCompute/machines' })
  return {
    id: `host-${name}` as HostId, // any text of its own
    machine,
    key: resourceKey(machine),
    name,
    labels: {},
    kind: 'host',
    behind: [],
    gateway: undefined,
    generation: 0,
    certificates: [],
    certificateEndsAt: undefined,
    enrolledAt: undefined,
    revokedAt: undefined,
    revokedBecause: undefined,
    lastSequence: 0,
    lastBootId: undefined,
    servedBy: undefined,
    seenAt: undefined,
    goneAt: undefined,
    facts: undefined,
    createdAt: NOON,
    version: 1,
    ...spec,
  }
}
