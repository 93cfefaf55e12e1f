/** Runs inside a namespace: one engine, one reader and one source of events, without a driver. */
import type { ElementId } from '../../src/drivers/nftables/element.ts'
import { createJsonReader } from '../../src/drivers/nftables/kernel/json-reader.ts'
import { createLibraryEngine } from '../../src/drivers/nftables/kernel/library-engine.ts'
import { monitorEvents } from '../../src/drivers/nftables/kernel/monitor-events.ts'
import { netlinkEvents } from '../../src/drivers/nftables/kernel/netlink-events.ts'
import { createNetlinkReader } from '../../src/drivers/nftables/kernel/netlink-reader.ts'
import { baselineSets, CHECK_TABLE, TABLE, textOf } from '../../src/drivers/nftables/nft-text.ts'
import { createProcessEngine } from '../../src/drivers/nftables/kernel/process-engine.ts'
import type { ReadElement } from '../../src/drivers/nftables/kernel/reader.ts'
import {
  parseBytecode,
  parseListing,
  structureState,
  type StructureState,
} from '../../src/drivers/nftables/kernel/structure.ts'
import { serveRemote } from './remote.ts'

export interface SeenEvent {
  readonly name: string
  readonly isOwn: boolean
  readonly tables: readonly string[]
}

export interface KernelWorker {
  apply(text: string): Promise<void>
  elements(table: string, set: string): Promise<readonly ReadElement[]>
  element(table: string, id: string): Promise<ReadElement | undefined>
  tables(): Promise<readonly string[]>
  writeStructure(): Promise<void>
  structure(): Promise<Pick<StructureState, 'state' | 'differences'>>
  /** Resolves once events are told. */
  watch(): Promise<void>
  events(): readonly SeenEvent[]
}

const inProcess = process.argv[2] === 'library'
const engine = inProcess ? createLibraryEngine() : createProcessEngine()
const reader = inProcess ? createNetlinkReader() : createJsonReader()
const events: SeenEvent[] = []

const STRUCTURE = {
  kind: 'structure' as const,
  structure: { sets: baselineSets('none'), managed: [], gateway: 'none' as const, behind: [] },
  strays: { chains: [], sets: [] },
  rebuild: false,
}

serveRemote<KernelWorker>({
  apply: (text) => engine.apply(text, 'light'),
  elements: async (table, set) => {
    const found = new Map<string, ReadElement>()
    await reader.elements(table, set, {
      begin: () => found.clear(),
      take: (element) => found.set(element.id, element).size > 0,
    })
    return [...found.values()]
  },
  element: (table, id) => reader.element(table, id as ElementId), // the test writes the kernel's own key
  tables: async () => (await reader.tables()).map(({ name }) => name),
  writeStructure: () => engine.apply(textOf([STRUCTURE], { table: TABLE, declareTable: true }), 'heavy'),
  structure: async () => {
    const text = textOf([STRUCTURE], { table: CHECK_TABLE, declareTable: true })
    const compiled = parseBytecode(await engine.compile(text), CHECK_TABLE)
    const { state, differences } = structureState(parseListing(await engine.list(), TABLE), { form: 'none', compiled })
    return { state, differences }
  },
  watch: () =>
    new Promise((resolve) => {
      const start = inProcess ? netlinkEvents : monitorEvents()
      start((event) => {
        if (event === 'lost') resolve()
        else events.push({ name: event.name, isOwn: engine.isOwnProcess(event.process), tables: [...event.tables] })
      })
      if (inProcess) resolve()
    }),
  events: () => events,
})
