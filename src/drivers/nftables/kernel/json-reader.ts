/**
 * The fallback reader: `nft -j`, where netlink cannot be spoken from this process. It cannot tell the generation, so every
 * pass reads everything, and ends are known to the second only.
 */
import { parseIpPrefix } from '../../../domain/net.ts'
import type { Millis } from '../../../domain/time.ts'
import { elementIdOf, parseSetName, setOf } from '../element.ts'
import { NftError } from './engine.ts'
import { isObject, listAt, objectAt, textAt, type JsonObject } from './json.ts'
import { runNft } from './process-engine.ts'
import type { KernelReader, ReadElement, TableFacts } from './reader.ts'

const SECOND = 1000
const NFPROTO_INET = 1

export function createJsonReader(command = 'nft'): KernelReader {
  const elements = async (table: string, set: string): Promise<ReadElement[]> => {
    const listing = await listSet(command, table, set)
    const at = performance.now()
    return (listAt(listing, 'elem') ?? []).map((item) => parseElement(set, item, at))
  }
  return {
    resolution: SECOND,
    generation: () => undefined,
    tables: async () => (await list(command, ['list', 'tables'])).flatMap(tableIn),
    elements: async (table, set, sink) => {
      const found = await elements(table, set)
      sink.begin()
      for (const element of found) sink.take(element)
    },
    // `nft get element` loads the whole set as well.
    element: async (table, id) => (await elements(table, setOf(id))).find((element) => element.id === id),
    close: () => undefined,
  }
}

async function listSet(command: string, table: string, set: string): Promise<unknown> {
  try {
    const kind = parseSetName(set)?.kind === 'publish' ? 'map' : 'set'
    const items = await list(command, ['list', kind, 'inet', table, set])
    return items.map((item) => objectAt(item, kind)).find((found) => found !== undefined)
  } catch (error) {
    if (error instanceof NftError && error.isMissing) return undefined
    throw error
  }
}

async function list(command: string, args: readonly string[]): Promise<readonly unknown[]> {
  const listing: unknown = JSON.parse(await runNft({ command, args: ['-p', '-j', ...args], input: '' }))
  return listAt(listing, 'nftables') ?? []
}

function tableIn(item: unknown): TableFacts[] {
  const table = objectAt(item, 'table')
  if (textAt(table, 'family') !== 'inet') return []
  return [{ family: NFPROTO_INET, name: textAt(table, 'name') ?? '', isPersistent: false, owner: undefined }]
}

/** `{"concat": […]}`, or `{"elem": {"val": {"concat": […]}, "timeout": s, "expires": s}}`; in a map, a pair of key and data. */
function parseElement(set: string, item: unknown, at: Millis): ReadElement {
  const [element, data]: readonly unknown[] = Array.isArray(item) ? item : [item]
  const wrapped = objectAt(element, 'elem')
  const fields = listAt(wrapped?.['val'] ?? element, 'concat')
  const target = data === undefined ? undefined : listAt(data, 'concat')
  if (fields === undefined) throw new Error(`expected an element of set ${set}, got ${JSON.stringify(item)}`)
  const id = elementIdOf(set, hexOf(fields), target === undefined ? undefined : hexOf(target))
  return { id, remaining: remainingIn(wrapped), at }
}

/** A port comes last, in keys and in data. */
function hexOf(fields: readonly unknown[]): string {
  const last = fields.length - 1
  return Buffer.concat(fields.map((field, index) => keyField(field, index === last))).toString('hex')
}

/** Numbers are the protocol, in one byte, and then the port, in two; each field fills four bytes. */
function keyField(field: unknown, isPort: boolean): Buffer {
  const bytes = Buffer.alloc(4)
  if (typeof field === 'number') {
    if (isPort) bytes.writeUInt16BE(field)
    else bytes.writeUInt8(field)
    return bytes
  }
  const address = parseIpPrefix(String(field))
  if (!address.ok)
    throw new Error(`expected an address, a protocol or a port in an element, got ${JSON.stringify(field)}`)
  return Buffer.from(address.value.bits.toString(16).padStart(address.value.family === 4 ? 8 : 32, '0'), 'hex')
}

/** A timer in its last second is listed without `expires`. */
function remainingIn(element: JsonObject | undefined): number | undefined {
  if (!isObject(element) || element['timeout'] === undefined) return undefined
  return (typeof element['expires'] === 'number' ? element['expires'] : 0) * SECOND
}
