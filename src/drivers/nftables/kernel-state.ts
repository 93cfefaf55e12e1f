/**
 * Reads the whole of what the kernel holds into a {@link Mirror}. Changes nothing.
 */
import type { Clock } from '../../app/ports.ts'
import { parseElementId, setName, type ManagedKey } from './element.ts'
import type { NftEngine } from './engine.ts'
import type { ForeignScan } from './foreign.ts'
import { emptyMirror, rememberElement, type Mirror } from './mirror.ts'
import { BASE_TABLE, CHECK_TABLE, TABLE, textOf } from './nft-text.ts'
import type { PrefixSet } from './element.ts'
import type { KernelReader } from './reader.ts'
import { parseBytecode, parseListing, setsIn, structureState, type Bytecode, type ListedTable } from './structure.ts'

export interface KernelStateOptions {
  readonly engine: NftEngine
  readonly reader: KernelReader
  readonly clock: Clock
  /** Milliseconds that the machine has run, as the kernel's timers count them. */
  readonly uptime: () => number
  readonly foreign: () => Promise<ForeignScan>
}

const ATTEMPTS = 5

export function createKernelState(options: KernelStateOptions): { read(): Promise<Mirror> } {
  const compiled = new Map<string, Bytecode>()
  return {
    read: async () => {
      for (let attempt = 1; ; attempt += 1) {
        const before = options.reader.generation()
        const mirror = await readOnce(options, compiled)
        const isWhole = before !== undefined && before === options.reader.generation()
        if (isWhole) return Object.assign(mirror, { generation: before })
        // Somebody writes all the time, or the generation cannot be read: good for this pass, and read again on the next.
        if (before === undefined || attempt === ATTEMPTS) return mirror
      }
    },
  }
}

async function readOnce(options: KernelStateOptions, compiled: Map<string, Bytecode>): Promise<Mirror> {
  const { engine, clock, uptime } = options
  const [output, foreign] = await Promise.all([engine.list(), options.foreign()])
  const listed = parseListing(output, TABLE)
  const structure = structureState(listed, await compiledFor(setsIn(listed), engine, compiled))
  const mirror = emptyMirror(structure, foreign, clock.now() - uptime())
  mirror.hasBaseTable = parseListing(output, BASE_TABLE) !== undefined
  if (listed !== undefined) await readElements(options, listed, mirror)
  return mirror
}

/** What this kernel and this nft make of our text; dry, in a table that never comes to be. */
async function compiledFor(
  sets: readonly PrefixSet[],
  engine: NftEngine,
  compiled: Map<string, Bytecode>,
): Promise<Bytecode> {
  const key = sets.map(setName).join(' ')
  const known = compiled.get(key)
  if (known !== undefined) return known
  const structure = { sets, managed: [] }
  const text = textOf([{ kind: 'structure', structure, strays: { chains: [], sets: [] }, rebuild: false }], {
    table: CHECK_TABLE,
    declareTable: true,
  })
  const bytecode = parseBytecode(await engine.compile(text), CHECK_TABLE)
  compiled.set(key, bytecode)
  return bytecode
}

async function readElements({ reader, clock }: KernelStateOptions, listed: ListedTable, mirror: Mirror): Promise<void> {
  await reader.elements(TABLE, 'managed', ({ id }) => {
    mirror.managed.add(id.slice(id.indexOf(':') + 1) as ManagedKey) // the kernel's own key of that set
  })
  // A set of another shape is built anew: whatever it holds goes.
  if (mirror.structure.state === 'unusable') return
  for (const set of mirror.structure.sets.filter((candidate) => listed.sets.has(setName(candidate)))) {
    await reader.elements(TABLE, setName(set), ({ id, remaining }) => {
      if (parseElementId(id) === undefined) return // matches no packet that the guard looks at
      if (set.kind === 'keep') mirror.keeps.add(id)
      else rememberElement(mirror, id, remaining === undefined ? Number.POSITIVE_INFINITY : clock.now() + remaining)
    })
  }
}
