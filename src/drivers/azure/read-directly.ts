/**
 * What the passes need of Azure when the resource graph has said nothing since the start: the protected machines, as they
 * are on record, each read by itself with all that stands before it. What ended meanwhile must close, whatever the graph does.
 */
import type { Machine } from '../../app/ports/inventory.ts'
import { isJson, listAt, recordAt, textAt, type Json } from './arm-answer.ts'
import type { Arm, ArmRequest } from './arm-client.ts'
import { keyIn } from './azure-points.ts'
import { completed, NETWORK_VERSION, readMachine, readOr404 } from './direct-rows.ts'
import type { AddressRow, FirewallRow, GraphRows, GroupRow, IpConfigurationRow } from './graph-rows.ts'

/** Each costs some five calls; of more than so many, the budget of a subscription would be gone before anything closed. */
const MOST_MACHINES = 500

type Asking = Pick<ArmRequest, 'urgency' | 'signal'>

/** Rows of these machines alone; one that is gone is left out. Rejects when anything of them cannot be read. */
export async function readDirectly(
  arm: Pick<Arm, 'send'>,
  machines: readonly Machine[],
  signal: AbortSignal,
): Promise<GraphRows> {
  if (machines.length > MOST_MACHINES)
    throw new Error(`${machines.length} protected machines are too many to be read one by one`)
  const asking: Asking = { urgency: 'repair', signal }
  const points = [...new Set(machines.flatMap((machine) => machine.points.map(keyIn)))]
  const [read, groups, firewalls] = await Promise.all([
    Promise.all(machines.map(({ id }) => readMachine(arm, id, asking))),
    readEach(
      arm,
      points.filter((key) => key.includes('/networksecuritygroups/')),
      { asking, rowOf: groupRow },
    ),
    readEach(
      arm,
      points.filter((key) => key.includes('/azurefirewalls/')),
      { asking, rowOf: firewallRow },
    ),
  ])
  const found = read.filter((rows) => rows !== undefined)
  const interfaces = found.flatMap((rows) => rows.interfaces)
  const addresses = await readEach(arm, publicAddressesOf(interfaces), { asking, rowOf: addressRow })
  const rows = { machines: found.flatMap((each) => each.machines), interfaces, groups, addresses, firewalls }
  return completed(arm, { ...rows, subnets: [] }, { signal, besides: firewalls })
}

interface Reading<T> {
  readonly asking: Asking
  readonly rowOf: (id: string, body: Json) => T
}

async function readEach<T>(
  arm: Pick<Arm, 'send'>,
  ids: readonly string[],
  { asking, rowOf }: Reading<T>,
): Promise<readonly T[]> {
  const read = ids.map(async (id) => {
    const body = await readOr404(arm, `${id}?api-version=${NETWORK_VERSION}`, asking)
    return body === undefined ? [] : [rowOf(textAt(body, 'id') ?? id, body)]
  })
  return (await Promise.all(read)).flat()
}

function groupRow(id: string, body: Json): GroupRow {
  const properties = recordAt(body, 'properties')
  return {
    id,
    location: textAt(body, 'location') ?? '',
    flushConnection: properties['flushConnection'] === true,
    rules: listAt(properties, 'securityRules'),
  }
}

function firewallRow(id: string, body: Json): FirewallRow {
  const properties = recordAt(body, 'properties')
  const sku = recordAt(properties, 'sku')
  return {
    id,
    location: textAt(body, 'location') ?? '',
    tier: textAt(sku, 'tier') ?? '',
    kind: textAt(sku, 'name') ?? '',
    policy: textAt(recordAt(properties, 'firewallPolicy'), 'id') ?? '',
    hub: textAt(recordAt(properties, 'virtualHub'), 'id') ?? '',
    ipConfigurations: listAt(properties, 'ipConfigurations').filter(isJson),
    natRules: listAt(properties, 'natRuleCollections'),
    networkRules: listAt(properties, 'networkRuleCollections'),
  }
}

function addressRow(id: string, body: Json): AddressRow {
  return { id, address: textAt(recordAt(body, 'properties'), 'ipAddress') ?? '' }
}

function publicAddressesOf(interfaces: readonly { readonly ipConfigurations: readonly IpConfigurationRow[] | null }[]) {
  const configurations = interfaces.flatMap(({ ipConfigurations }) => ipConfigurations ?? [])
  return [...new Set(configurations.flatMap(({ properties }) => properties?.publicIPAddress?.id?.toLowerCase() ?? []))]
}
