/** libnftables in this process, on a table like the product's in a namespace of its own. */
import { readFileSync } from 'node:fs'
import { managedKey, elementIdsFor, type ElementId } from '../src/drivers/nftables/element.ts'
import { createLibraryEngine } from '../src/drivers/nftables/kernel/library-engine.ts'
import { baselineSets, TABLE, textOf, type TextOptions } from '../src/drivers/nftables/nft-text.ts'
import type { Statement } from '../src/drivers/nftables/operation.ts'
import { parseSource } from '../src/domain/net.ts'
import { HOUR } from '../src/domain/time.ts'
import { monotonic } from './monotonic.ts'

const OPTIONS: TextOptions = { table: TABLE, declareTable: true }

export interface FloorKernel {
  /** How long one transaction with one new element took, in milliseconds. */
  once(source: string): Promise<number>
  /** How long it took to load these many, `chunk` at a time; the table is empty before and after. */
  load(sources: readonly string[], chunk: number): Promise<{ took: number; slabMb: number }>
}

export async function openFloorKernel(port: number): Promise<FloorKernel> {
  const engine = createLibraryEngine()
  await engine.apply(structureText(port), 'heavy')
  return {
    once: async (source) => {
      const text = elementsText([source], port)
      return timed(() => engine.apply(text, 'light'))
    },
    load: async (sources, chunk) => {
      const texts = Array.from({ length: Math.ceil(sources.length / chunk) }, (_, index) =>
        elementsText(sources.slice(index * chunk, (index + 1) * chunk), port),
      )
      const before = slabMb()
      const took = await timed(async () => {
        for (const text of texts) await engine.apply(text, 'heavy')
      })
      const grown = slabMb() - before
      await engine.apply(`delete table inet ${TABLE}\n`, 'heavy')
      await engine.apply(structureText(port), 'heavy')
      return { took, slabMb: grown }
    },
  }
}

/** Of the whole machine. */
function slabMb(): number {
  return Number(/^Slab:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 1_024
}

function structureText(port: number): string {
  const structure = {
    sets: baselineSets('none'),
    managed: [managedKey(17, port)],
    gateway: 'none' as const,
    behind: [],
  }
  return textOf([{ kind: 'structure', structure, strays: { chains: [], sets: [] }, rebuild: false }], OPTIONS)
}

function elementsText(sources: readonly string[], port: number): string {
  const statements = sources.map((source): Statement => ({
    kind: 'create',
    id: elementOf(source, port),
    timeout: HOUR,
  }))
  return textOf(statements, OPTIONS)
}

function elementOf(text: string, port: number): ElementId {
  const source = parseSource(text)
  const [id] = source.ok ? elementIdsFor('grant', source.value, 'UDP', port) : []
  if (id === undefined) throw new Error(`'${text}' is no source`)
  return id
}

/** What is handed over is written before the time begins: only the kernel's work and the library's is measured. */
async function timed(work: () => Promise<void>): Promise<number> {
  const began = monotonic()
  await work()
  return monotonic() - began
}
