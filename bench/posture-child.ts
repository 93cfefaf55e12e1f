/**
 * A process of its own for (j), because its memory is a number too: reads a made-up Azure page by page, as the resource
 * graph answers, and categorises every machine of it. Prints one JSON object.
 *
 *   node --expose-gc --max-old-space-size=16000 bench/posture-child.ts MACHINES
 */
import { indexMachines } from '../src/domain/machine-index.ts'
import { MANAGEMENT_PORTS, postureOf } from '../src/domain/posture.ts'
import { snapshotFrom } from '../src/drivers/azure/azure-snapshot.ts'
import { estateFrom } from '../src/drivers/azure/estate.ts'
import type { GraphRows } from '../src/drivers/azure/graph-rows.ts'
import { inboundRule } from '../test/support/inbound-rule.ts'
import { sshRules } from './ssh-rules.ts'

const PAGE = 1_000
const MACHINES_A_GROUP = 50
const MACHINES_A_SUBNET = 250
const SUBSCRIPTION = '/subscriptions/11111111-1111-4111-8111-111111111111'
const NETWORK = 'providers/Microsoft.Network'

const machines = Number(process.argv[2])

/** What the resource graph answers for machines `from` to `from + PAGE`, everything that belongs to them on the same page. */
function page(from: number): GraphRows {
  const numbers = Array.from({ length: Math.min(PAGE, machines - from) }, (_, at) => from + at)
  const group = (n: number): string =>
    `${place(n)}/${NETWORK}/networkSecurityGroups/nsg-${Math.floor(n / MACHINES_A_GROUP)}`
  const network = (n: number): string => `${place(n)}/${NETWORK}/virtualNetworks/net`
  const subnet = (n: number): string => `${network(n)}/subnets/sub-${Math.floor(n / MACHINES_A_SUBNET)}`
  const nic = (n: number): string => `${place(n)}/${NETWORK}/networkInterfaces/vm-${n}-nic`
  const address = (n: number): string => `${place(n)}/${NETWORK}/publicIPAddresses/vm-${n}-ip`
  return {
    machines: numbers.map((n) => ({
      id: machine(n),
      type: 'microsoft.compute/virtualmachines',
      location: 'westeurope',
      vmId: `vm-id-${n}`,
      os: n % 3 === 0 ? 'Windows' : 'Linux',
      power: n % 10 === 0 ? 'PowerState/deallocated' : 'PowerState/running',
      networkInterfaces: [{ id: nic(n) }],
    })),
    interfaces: numbers.map((n) => ({
      id: nic(n),
      machine: machine(n),
      group: n % 7 === 0 ? '' : group(n),
      ipConfigurations: [
        {
          name: 'ip1',
          properties: {
            privateIPAddress: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
            subnet: { id: subnet(n) },
            ...(n % 4 === 0 && { publicIPAddress: { id: address(n) } }),
          },
        },
      ],
    })),
    addresses: numbers
      .filter((n) => n % 4 === 0)
      .map((n) => ({ id: address(n), address: `203.0.${(n >> 8) & 255}.${n & 255}` })),
    subnets: numbers
      .filter((n) => n % MACHINES_A_SUBNET === 0)
      .map((n) => ({ id: subnet(n), network: network(n), prefixes: ['10.0.0.0/8'], group: '', routeTable: '' })),
    groups: numbers
      .filter((n) => n % MACHINES_A_GROUP === 0)
      .map((n) => ({
        id: group(n),
        location: 'westeurope',
        flushConnection: false,
        rules: rules(n / MACHINES_A_GROUP),
      })),
    firewalls: [],
  }
}

function place(n: number): string {
  return `${SUBSCRIPTION}/resourceGroups/rg-${Math.floor(n / PAGE)}`
}

function machine(n: number): string {
  return `${place(n)}/providers/Microsoft.Compute/virtualMachines/vm-${n}`
}

function rules(group: number): object[] {
  const web = inboundRule('web', { priority: 310, source: '*', port: 443 })
  return [...sshRules(group, 300), web, inboundRule('web-plain', { priority: 320, source: '*', port: 80 })]
}

interface Rows {
  readonly machines: GraphRows['machines'][number][]
  readonly interfaces: GraphRows['interfaces'][number][]
  readonly subnets: GraphRows['subnets'][number][]
  readonly groups: GraphRows['groups'][number][]
  readonly addresses: GraphRows['addresses'][number][]
}

const rows: Rows = { machines: [], interfaces: [], subnets: [], groups: [], addresses: [] }
let [parsing, bytes] = [0, 0]
for (let from = 0; from < machines; from += PAGE) {
  const text = JSON.stringify(page(from))
  bytes += text.length
  const began = performance.now()
  const parsed = JSON.parse(text) as GraphRows // as it was written on the line above
  parsing += performance.now() - began
  rows.machines.push(...parsed.machines)
  rows.interfaces.push(...parsed.interfaces)
  rows.subnets.push(...parsed.subnets)
  rows.groups.push(...parsed.groups)
  rows.addresses.push(...parsed.addresses)
}
const parsedMegabytes = megabytes()

const timed = <T>(work: () => T): [T, number] => {
  const began = performance.now()
  const result = work()
  return [result, performance.now() - began]
}
const [estate, understanding] = timed(() => estateFrom({ ...rows, firewalls: [] }))
const [snapshot, listing] = timed(() => snapshotFrom(estate, { firewallPolicies: false }))
const [index, indexing] = timed(() => indexMachines(snapshot.machines))
const counts: Record<string, number> = {}
const [, judging] = timed(() => {
  for (const { key, power, unsupported } of index.sorted) {
    const { category, severity } = postureOf({
      isConfigured: false,
      isPlanOn: true,
      ...(power !== undefined && { power }),
      ...(unsupported !== undefined && { unsupported }),
      exposures: snapshot.exposuresOf(key, MANAGEMENT_PORTS),
    })
    const kind = `${category} ${severity ?? ''}`.trim()
    counts[kind] = (counts[kind] ?? 0) + 1
  }
})
const all = { bytes, parsing, understanding, listing, indexing, judging, counts }
process.stdout.write(JSON.stringify({ ...all, parsedMegabytes, megabytes: megabytes() }))

/** Of the heap, after what nobody needs was thrown away. */
function megabytes(): number {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20)
}
