/** The ports whose connections are dealt with so, when their access ends. Pure. */
import type { Shield } from '../../../domain/access/desired.ts'
import type { OnExpiry } from '../../../domain/access/flow.ts'

/** By number alone: it only says where to look. */
export function portsEnding(shields: readonly Shield[], how: readonly OnExpiry[]): ReadonlySet<number> {
  const ports = shields.flatMap((shield) => shield.ports.filter(({ onExpiry = 'keep' }) => how.includes(onExpiry)))
  return new Set(ports.map(({ number }) => number))
}
