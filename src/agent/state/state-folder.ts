/**
 * What the agent must find again after its own death: who it is, the last document, the driver's journal, the server's
 * clock, how far its reports have counted. For its owner's eyes alone; nobody ever reads half a file.
 */
import {
  chmodSync,
  chownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  closeSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { hostDocument, type HostDocument } from '../../contract/agent.ts'
import type { JournalEntry } from '../../app/ports/driver.ts'
import { openTwoSlots, slotFiles, type Durability, type Owner } from './two-slots.ts'

const identity = z.object({
  server: z.string(),
  host: z.string(),
  machine: z.string(),
  /** PEM. */
  key: z.string(),
  certificate: z.string(),
  authority: z.string(),
  generation: z.number(),
  renewAt: z.number(),
})

/** Who this host is to which server. */
export type Identity = z.infer<typeof identity>

/** What another clock said when the server's was this. */
const witness = z.object({ at: z.number(), server: z.number() }).optional()

const clockReading = z.object({
  bootId: z.string(),
  /** The latest that the server's clock can be, minus the steady clock of that boot. */
  steadyOffset: z.number(),
  /** The same, minus the wall clock. */
  wallOffset: z.number(),
  witnesses: z.object({ unslewed: witness, battery: witness }).optional(),
})

/** How far the server's clock is from this host's. */
export type ClockReading = z.infer<typeof clockReading>

const journal = z.array(z.object({ key: z.string(), value: z.string() }))

export interface StateFolder {
  readonly path: string
  readIdentity(): Identity | undefined
  /** A sentence without its end: where there is none, or it is damaged. */
  whyNoIdentity(): string
  writeIdentity(identity: Identity): void
  readDocument(): HostDocument | undefined
  writeDocument(document: HostDocument, durability: Durability): void
  forgetDocument(): void
  readJournal(): JournalEntry[]
  writeJournal(journal: readonly JournalEntry[]): void
  readClock(): ClockReading | undefined
  writeClock(reading: ClockReading): void
  /** A number that no report has had yet, nor any of the next `count`. */
  reserveSequence(count: number): number
  /** What `nft -f` loads at boot. */
  writeBaseTable(text: string): void
  /** For `status`: what the running agent knows. */
  writeStatus(status: object): void
  readStatus(): unknown
  /** Everything that is in it. */
  forget(): void
}

const FILES = {
  identity: 'identity.json',
  journal: 'journal.json',
  clock: 'clock.json',
  sequence: 'sequence',
  base: 'base.nft',
} as const

/** Written with every change. */
const SLOTS = { document: 'document', status: 'status' } as const

export function openStateFolder(path: string): StateFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  /** Of the folder: a command of root's leaves files that the service can read. */
  const owner = (): Owner => statSync(path)
  const at = (name: string): string => join(path, name)
  const write = (name: string, value: unknown): void => writeWhole(at(name), `${JSON.stringify(value)}\n`, owner())
  const writeOver = (name: string, value: unknown): void =>
    writeWholeOrOver(at(name), `${JSON.stringify(value)}\n`, owner())
  const read = <T>(name: string, schema: z.ZodType<T>): T | undefined =>
    parsed(schema, () => readFileSync(at(name), 'utf8'))
  const slots = { document: openTwoSlots(at(SLOTS.document), owner), status: openTwoSlots(at(SLOTS.status), owner) }
  return {
    path,
    readIdentity: () => read(FILES.identity, identity),
    whyNoIdentity: () =>
      existsSync(at(FILES.identity))
        ? `what this host is enrolled as cannot be read (${at(FILES.identity)} is damaged)`
        : 'this host is not enrolled',
    writeIdentity: (value) => write(FILES.identity, value),
    readDocument: () => parsed(hostDocument, () => slots.document.read() ?? ''),
    writeDocument: (document, durability) => slots.document.write(JSON.stringify(document), durability),
    forgetDocument: () => slots.document.clear(),
    readJournal: () => read(FILES.journal, journal) ?? [],
    writeJournal: (entries) => writeOver(FILES.journal, entries),
    readClock: () => read(FILES.clock, clockReading),
    writeClock: (reading) => writeOver(FILES.clock, reading),
    reserveSequence: (count) => {
      const next = read(FILES.sequence, z.number()) ?? 1
      writeOver(FILES.sequence, next + count)
      return next
    },
    writeBaseTable: (text) => writeWhole(at(FILES.base), text, owner()),
    writeStatus: (status) => slots.status.write(JSON.stringify(status), 'quick'),
    readStatus: () => parsed(z.unknown(), () => slots.status.read() ?? ''),
    forget: () => {
      const names = [...Object.values(FILES).map(at), ...Object.values(SLOTS).flatMap((name) => slotFiles(at(name)))]
      for (const name of names) rmSync(name, { force: true })
    },
  }
}

/** Undefined for what is not there, and for what a crash of the machine left unreadable: the server knows it too. */
function parsed<T>(schema: z.ZodType<T>, text: () => string): T | undefined {
  try {
    return schema.parse(JSON.parse(text()))
  } catch {
    return undefined
  }
}

/** Appears by rename, once it is on the disk; and then stays. */
function writeWhole(path: string, text: string, { uid, gid }: Owner): void {
  const draft = `${path}.${process.pid}`
  try {
    const file = openSync(draft, 'w', 0o600)
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    if (process.getuid?.() === 0 && uid !== 0) chownSync(draft, uid, gid)
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/**
 * Where the disk has no room for another file, over the one that is there. Not for what must never be read torn: a key,
 * or what is loaded at boot.
 */
function writeWholeOrOver(path: string, text: string, owner: Owner): void {
  try {
    writeWhole(path, text, owner)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NO_ROOM.has(error.code) && existsSync(path))) throw error
    writeFileSync(path, text, { flag: 'r+', flush: true })
    truncateSync(path, Buffer.byteLength(text))
  }
}

/** Without it a power cut brings the old file back: numbers that were reported already, or a key that counts no more. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
