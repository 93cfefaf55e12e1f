/**
 * Resources read directly, in the shape of the resource graph's rows: what a write relies on is asked for anew, and what
 * the graph has not learnt of yet is asked for once.
 */
import { ArmError, isJson, listAt, recordAt, textAt, type Json } from './arm-answer.ts'
import type { Arm, ArmRequest } from './arm-client.ts'
import type { GraphRows, InterfaceRow, SubnetRow } from './graph-rows.ts'

export const NETWORK_VERSION = '2024-05-01'
const COMPUTE_VERSION = '2024-07-01'
const CLASSIC_VERSION = '2017-04-01'

type Asking = Pick<ArmRequest, 'urgency' | 'signal'>

/** Undefined when there is none. */
export async function readInterface(
  arm: Pick<Arm, 'send'>,
  id: string,
  asking: Asking,
): Promise<InterfaceRow | undefined> {
  const body = await readOr404(arm, `${id}?api-version=${NETWORK_VERSION}`, asking)
  if (body === undefined) return undefined
  const properties = recordAt(body, 'properties')
  return {
    id,
    machine: textAt(recordAt(properties, 'virtualMachine'), 'id') ?? '',
    group: textAt(recordAt(properties, 'networkSecurityGroup'), 'id') ?? '',
    ipConfigurations: listAt(properties, 'ipConfigurations').filter(isJson),
  }
}

async function readSubnet(arm: Pick<Arm, 'send'>, id: string, asking: Asking): Promise<SubnetRow | undefined> {
  const body = await readOr404(arm, `${id}?api-version=${NETWORK_VERSION}`, asking)
  if (body === undefined) return undefined
  const properties = recordAt(body, 'properties')
  const [single, several] = [textAt(properties, 'addressPrefix'), listAt(properties, 'addressPrefixes')]
  return {
    id,
    network: id.replace(/\/subnets\/[^/]*$/i, ''),
    prefixes: several.length > 0 ? several.map(String) : [single ?? null],
    group: textAt(recordAt(properties, 'networkSecurityGroup'), 'id') ?? '',
    routeTable: textAt(recordAt(properties, 'routeTable'), 'id') ?? '',
  }
}

/** The machine's `vmId`; undefined when there is no such machine. */
export async function readVmId(arm: Pick<Arm, 'send'>, id: string, asking: Asking): Promise<string | undefined> {
  const body = await readOr404(arm, `${id}?api-version=${COMPUTE_VERSION}`, asking)
  return body === undefined ? undefined : (textAt(recordAt(body, 'properties'), 'vmId') ?? '')
}

/** A machine with its interfaces, as the graph would list them; undefined when there is no such machine. */
export async function readMachine(
  arm: Pick<Arm, 'send'>,
  id: string,
  asking: Asking,
): Promise<Pick<GraphRows, 'machines' | 'interfaces'> | undefined> {
  const isClassic = /\/microsoft\.classiccompute\//i.test(id)
  const body = await readOr404(arm, `${id}?api-version=${isClassic ? CLASSIC_VERSION : COMPUTE_VERSION}`, asking)
  if (body === undefined) return undefined
  const properties = recordAt(body, 'properties')
  const networkInterfaces = listAt(recordAt(properties, 'networkProfile'), 'networkInterfaces').filter(isJson)
  const row = {
    id,
    type: textAt(body, 'type') ?? '',
    location: textAt(body, 'location') ?? '',
    vmId: textAt(properties, 'vmId') ?? '',
    os: textAt(recordAt(recordAt(properties, 'storageProfile'), 'osDisk'), 'osType') ?? '',
    power: '',
    networkInterfaces,
  }
  const ids = networkInterfaces.flatMap((nic) => textAt(nic, 'id') ?? [])
  const interfaces = await Promise.all(ids.map((nic) => readInterface(arm, nic, asking)))
  return { machines: [row], interfaces: interfaces.filter((found) => found !== undefined) }
}

const GONE: ReadonlySet<string> = new Set(['ResourceNotFound', 'NotFound', 'ResourceGroupNotFound'])

/** Undefined when Azure says that it does not exist; a subscription that is not found is no proof of that. */
export async function readOr404(arm: Pick<Arm, 'send'>, path: string, asking: Asking): Promise<Json | undefined> {
  const what = `read ${path.slice(0, path.indexOf('?'))}`
  try {
    const { body } = await arm.send({ method: 'GET', path, what, ...asking })
    return isJson(body) ? body : {}
  } catch (error) {
    if (error instanceof ArmError && error.status === 404 && GONE.has(error.code)) return undefined
    throw error
  }
}

/** More than so many that the graph does not know yet are no lag, but something that must be looked into. */
const MOST_MISSING = 200

interface Completing {
  readonly signal: AbortSignal
  /** What else stands in subnets. */
  readonly besides?: readonly Pick<InterfaceRow, 'ipConfigurations'>[]
}

/**
 * Rows with everything that they refer to. A machine whose NIC the graph has not learnt of would count as one that
 * nothing guards, and its rules would go.
 */
export async function completed(
  arm: Pick<Arm, 'send'>,
  rows: GraphRows,
  { signal, besides = [] }: Completing,
): Promise<GraphRows> {
  const asking = { urgency: 'look' as const, signal }
  const nics = rows.machines.flatMap(({ networkInterfaces }) => (networkInterfaces ?? []).flatMap(({ id }) => id ?? []))
  const interfaces = await withMissing(rows.interfaces, nics, (id) => readInterface(arm, id, asking))
  const inUse = interfaces.filter(({ machine }) => machine !== '')
  const used = [...inUse, ...besides].flatMap(({ ipConfigurations }) =>
    (ipConfigurations ?? []).flatMap(({ properties }) => properties?.subnet?.id ?? []),
  )
  return { ...rows, interfaces, subnets: await withMissing(rows.subnets, used, (id) => readSubnet(arm, id, asking)) }
}

async function withMissing<T extends { readonly id: string }>(
  rows: readonly T[],
  wanted: readonly string[],
  read: (id: string) => Promise<T | undefined>,
): Promise<readonly T[]> {
  const known = new Set(rows.map(({ id }) => id.toLowerCase()))
  const missing = [...new Map(wanted.map((id) => [id.toLowerCase(), id]))].filter(([key]) => !known.has(key))
  if (missing.length > MOST_MISSING)
    throw new Error(
      `the resource graph names ${missing.length} resources that it does not list, such as ${missing[0]?.[1]}; it is asked again later`,
    )
  const found = await Promise.all(missing.map(([, id]) => read(id)))
  return [...rows, ...found.filter((row) => row !== undefined)]
}
