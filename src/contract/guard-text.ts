/** What stands before a machine, for people: the firewall where there is one, as in the original's page, else the security groups. */

/** Undefined where the machine guards itself, or its platform has other words. */
export function guardText(points: readonly string[]): string | undefined {
  const firewalls = namesAfter(points, '/azurefirewalls/')
  if (firewalls.length > 0) return `firewall ${firewalls.join(', ')}`
  const groups = namesAfter(points, '/networksecuritygroups/')
  return groups.length > 0 ? `security group ${groups.join(', ')}` : undefined
}

function namesAfter(points: readonly string[], type: string): string[] {
  return points.filter((point) => point.includes(type)).map((point) => point.slice(point.lastIndexOf('/') + 1))
}
