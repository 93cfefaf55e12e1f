/**
 * Reads the whole of what the kernel holds into a {@link Mirror}. Changes nothing.
 */
import type { Clock } from '../../../app/ports/clock.ts'
import type { Instant, Millis } from '../../../domain/time.ts'
import { isElementOf, isKept, setName, setOf, type BehindKey, type ManagedKey, type PrefixSet } from '../element.ts'
import type { NftEngine } from './engine.ts'
import type { ForeignScan } from '../foreign/foreign.ts'
import { emptyMirror, forgetElement, rememberElement, type Mirror } from '../mirror.ts'
import { BASE_TABLE, CHECK_TABLE, standingSets, TABLE, textOf } from '../nft-text.ts'
import type { GatewayForm } from '../operation.ts'
import type { ElementSink, KernelReader, ReadElement } from './reader.ts'
import { parseBytecode, parseListing, setsIn, structureState, type Bytecode, type ListedTable } from './structure.ts'

export interface KernelStateOptions {
  readonly engine: NftEngine
  readonly reader: KernelReader
  readonly clock: Clock
  /** How long this process has run, by the clock that the kernel's timers follow. */
  readonly uptime: () => Millis
  /** What the table is compared with. */
  readonly form: () => GatewayForm
  /** What other tables allow; given what was last known of it. */
  readonly foreign: (known: ForeignScan | undefined) => Promise<ForeignScan> | ForeignScan
}

const ATTEMPTS = 5

/** `previous`: what was last known, so that what a listing no longer has can be proven to be gone. */
export function createKernelState(options: KernelStateOptions): { read(previous?: Mirror): Promise<Mirror> } {
  const compiled = new Map<string, Bytecode>()
  return {
    read: async (previous) => {
      for (let attempt = 1; ; attempt += 1) {
        const before = options.reader.generation()
        const mirror = await readOnce(options, compiled, previous)
        const isWhole = before !== undefined && before === options.reader.generation()
        if (isWhole) return Object.assign(mirror, { generation: before })
        // Somebody writes all the time, or the generation cannot be read: good for this pass, and read again on the next.
        if (before === undefined || attempt === ATTEMPTS) return mirror
      }
    },
  }
}

async function readOnce(
  options: KernelStateOptions,
  compiled: Map<string, Bytecode>,
  previous: Mirror | undefined,
): Promise<Mirror> {
  const { engine, clock, uptime } = options
  const form = options.form()
  const [output, foreign] = await Promise.all([engine.list(), options.foreign(previous?.foreign)])
  const listed = parseListing(output, TABLE)
  const expected = await compiledFor({ sets: setsIn(listed, form), form }, engine, compiled)
  const structure = structureState(listed, { form, compiled: expected })
  const mirror = emptyMirror(structure, foreign, clock.now() - uptime())
  mirror.hasBaseTable = parseListing(output, BASE_TABLE) !== undefined
  if (listed !== undefined) await readElements(options, listed, mirror)
  if (listed !== undefined && previous !== undefined) await readDoubtful(options, previous, mirror)
  return mirror
}

/** What this kernel and this nft make of our text; dry, in a table that never comes to be. */
async function compiledFor(
  { sets, form }: { readonly sets: readonly PrefixSet[]; readonly form: GatewayForm },
  engine: NftEngine,
  compiled: Map<string, Bytecode>,
): Promise<Bytecode> {
  const key = [form, ...sets.map(setName)].join(' ')
  const known = compiled.get(key)
  if (known !== undefined) return known
  const structure = { sets, managed: [], gateway: form, behind: [] }
  const text = textOf([{ kind: 'structure', structure, strays: { chains: [], sets: [] }, rebuild: false }], {
    table: CHECK_TABLE,
    declareTable: true,
  })
  const bytecode = parseBytecode(await engine.compile(text), CHECK_TABLE)
  compiled.set(key, bytecode)
  return bytecode
}

async function readElements({ reader }: KernelStateOptions, listed: ListedTable, mirror: Mirror): Promise<void> {
  await reader.elements(TABLE, 'managed', keySink(mirror.managed, 'managed'))
  for (const name of standingSets(mirror.structure.form).filter(isBehindSet))
    await reader.elements(TABLE, name, keySink(mirror.behind, name))
  // A set of another shape is built anew: whatever it holds goes.
  if (mirror.structure.state === 'unusable') return
  for (const set of mirror.structure.sets.filter((candidate) => listed.sets.has(setName(candidate)))) {
    await reader.elements(TABLE, setName(set), isKept(set) ? keepSink(mirror, set) : grantSink(mirror, set))
  }
}

function isBehindSet(name: string): boolean {
  return name.startsWith('behind')
}

/** Both families share one set of keys, told apart by their length: one is read after the other. */
function keySink<Key extends ManagedKey | BehindKey>(keys: Set<Key>, name: string): ElementSink {
  const taken: Key[] = []
  return {
    begin: () => {
      for (const key of taken.splice(0)) keys.delete(key)
    },
    take: ({ id }) => {
      const key = id.slice(name.length + 1) as Key // the kernel's own key of that set
      const size = keys.size
      taken.push(key)
      return keys.add(key).size > size
    },
  }
}

function keepSink({ keeps }: Mirror, set: PrefixSet): ElementSink {
  const isOurs = isElementOf(set)
  return {
    begin: () => {
      for (const id of keeps) if (setOf(id) === setName(set)) keeps.delete(id)
    },
    take: ({ id }) => {
      const size = keeps.size
      return !isOurs(id) || keeps.add(id).size > size
    },
  }
}

/** What no serialiser of ours would write matches no packet that the guard looks at: it is passed by. */
function grantSink(mirror: Mirror, set: PrefixSet): ElementSink {
  const isOurs = isElementOf(set)
  return {
    begin: () => {
      if ((mirror.counts.get(setName(set)) ?? 0) === 0) return
      for (const id of mirror.elements.keys()) if (setOf(id) === setName(set)) forgetElement(mirror, id)
    },
    take: (element) => {
      if (!isOurs(element.id)) return true
      const size = mirror.elements.size
      rememberElement(mirror, element.id, endOf(element, mirror.offset))
      return mirror.elements.size > size
    },
  }
}

/** How much an end may seem to have moved before it is read again, alone: more than a tick of the kernel and what writing takes off. */
const DOUBTFUL: Millis = 10

/**
 * What a listing says is checked against what was known. The kernel counts its way through a set: when it clears expired
 * elements away between two parts of a listing, as many live ones are missed. And somebody may have written a timer anew. So
 * what is missing, or seems to have moved, is asked for by its key.
 */
async function readDoubtful({ reader, clock }: KernelStateOptions, previous: Mirror, mirror: Mirror): Promise<void> {
  if (mirror.structure.state === 'unusable') return
  for (const [id, end] of previous.elements) {
    const listed = mirror.elements.get(id)
    const isDoubtful = listed === undefined ? end > clock.now() : Math.abs(listed - end) > DOUBTFUL
    if (!isDoubtful) continue
    const element = await reader.element(TABLE, id)
    if (element === undefined) forgetElement(mirror, id)
    else rememberElement(mirror, id, endOf(element, mirror.offset))
  }
}

/** `offset`: the clock minus the process's time. An element without a timeout never ends. */
export function endOf({ remaining, at }: ReadElement, offset: number): Instant {
  return remaining === undefined ? Number.POSITIVE_INFINITY : Math.ceil(at + offset + remaining)
}
