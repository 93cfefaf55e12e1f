/**
 * What stands before a machine, for people: the firewall where there is one, as in the original's page, else the security
 * groups, or the gateway that it is behind.
 */
import type { WireMachine } from './machine.ts'

/** Undefined where the machine guards itself, or its platform has other words. */
export function guardText({ id, points }: Pick<WireMachine, 'id' | 'points'>): string | undefined {
  const firewalls = namesAfter(points, '/azurefirewalls/')
  if (firewalls.length > 0) return `firewall ${firewalls.join(', ')}`
  const groups = namesAfter(points, '/networksecuritygroups/')
  if (groups.length > 0) return `security group ${groups.join(', ')}`
  const gateways = namesAfter(
    points.filter((point) => !point.toLowerCase().endsWith(id.toLowerCase())),
    '/microsoft.hybridcompute/machines/',
  )
  return gateways.length > 0 ? `gateway ${gateways.join(', ')}` : undefined
}

function namesAfter(points: readonly string[], type: string): string[] {
  return points.filter((point) => point.includes(type)).map((point) => point.slice(point.lastIndexOf('/') + 1))
}
