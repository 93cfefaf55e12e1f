/** What the resource graph answers to each question, word for word as it comes: plain data that can be kept as JSON. */

export interface GraphRows {
  readonly machines: readonly MachineRow[]
  readonly interfaces: readonly InterfaceRow[]
  readonly subnets: readonly SubnetRow[]
  readonly groups: readonly GroupRow[]
  readonly addresses: readonly AddressRow[]
  readonly firewalls: readonly FirewallRow[]
}

export interface Reference {
  readonly id?: string
}

export interface MachineRow {
  readonly id: string
  readonly type: string
  readonly location: string
  readonly vmId: string
  readonly os: string
  /** `PowerState/running`; empty for a classic machine. */
  readonly power: string
  readonly networkInterfaces: readonly Reference[] | null
}

export interface InterfaceRow {
  readonly id: string
  /** Empty while no machine has it. */
  readonly machine: string
  /** Empty without one. */
  readonly group: string
  readonly ipConfigurations: readonly IpConfigurationRow[] | null
}

export interface IpConfigurationRow {
  readonly name?: string
  readonly properties?: {
    readonly privateIPAddress?: string
    readonly subnet?: Reference
    readonly publicIPAddress?: Reference
    readonly applicationSecurityGroups?: readonly Reference[] | null
  }
}

export interface SubnetRow {
  readonly id: string
  /** The virtual network's id. */
  readonly network: string
  readonly prefixes: readonly (string | null)[] | null
  /** Empty without one. */
  readonly group: string
  readonly routeTable: string
}

export interface GroupRow {
  readonly id: string
  readonly location: string
  readonly flushConnection: boolean | null
  readonly rules: readonly unknown[] | null
}

export interface AddressRow {
  readonly id: string
  /** Empty while it has none. */
  readonly address: string
}

export interface FirewallRow {
  readonly id: string
  readonly location: string
  readonly tier: string
  readonly kind: string
  /** The policy that rules it; empty with classic rules. */
  readonly policy: string
  /** The virtual hub it stands in; empty in a virtual network. */
  readonly hub: string
  readonly ipConfigurations: readonly IpConfigurationRow[] | null
  readonly natRules: readonly unknown[] | null
  readonly networkRules: readonly unknown[] | null
}
