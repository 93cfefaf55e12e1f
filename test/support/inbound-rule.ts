/** A rule of a made-up security group for TCP that comes in, as Azure writes it: unless told otherwise it lets everybody in by SSH. */
interface Inbound {
  readonly priority: number
  readonly source: string
  readonly port: number
  readonly access: 'Allow' | 'Deny'
}

export function inboundRule(name: string, rule: Partial<Inbound> = {}): object {
  const { priority = 300, source = '*', port = 22, access = 'Allow' } = rule
  return {
    name,
    properties: {
      priority,
      direction: 'Inbound',
      access,
      protocol: 'Tcp',
      sourceAddressPrefix: source,
      sourcePortRange: '*',
      destinationAddressPrefix: '*',
      destinationPortRange: `${port}`,
    },
  }
}
