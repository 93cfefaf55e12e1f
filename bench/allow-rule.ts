/** A rule of a made-up security group that lets TCP in, as Azure writes it. */
interface Allow {
  readonly priority: number
  readonly source: string
  readonly port: number
}

export function allowRule(name: string, { priority, source, port }: Allow): object {
  return {
    name,
    properties: {
      priority,
      direction: 'Inbound',
      access: 'Allow',
      protocol: 'Tcp',
      sourceAddressPrefix: source,
      sourcePortRange: '*',
      destinationAddressPrefix: '*',
      destinationPortRange: `${port}`,
    },
  }
}

/** Of three groups one opens SSH to all, one to an office, one to nobody. */
export function sshRules(group: number, priority: number): object[] {
  const [source] = [['*'], ['198.51.100.0/24'], []][group % 3] ?? []
  return source === undefined ? [] : [allowRule('ssh', { priority, source, port: 22 })]
}
