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
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { hostDocument, type HostDocument } from '../contract/agent.ts'
import type { JournalEntry } from '../app/ports.ts'

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

const clockReading = z.object({
  bootId: z.string(),
  /** The latest that the server's clock can be, minus the steady clock of that boot. */
  steadyOffset: z.number(),
  /** The same, minus the wall clock. */
  wallOffset: z.number(),
})

/** How far the server's clock is from this host's. */
export type ClockReading = z.infer<typeof clockReading>

const journal = z.array(z.object({ key: z.string(), value: z.string() }))

/** `lasting`: must be there also after the machine lost its power at the next moment. */
export type Durability = 'lasting' | 'quick'

export interface StateFolder {
  readonly path: string
  readIdentity(): Identity | undefined
  writeIdentity(identity: Identity): void
  readDocument(): HostDocument | undefined
  writeDocument(document: HostDocument, durability: Durability): void
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
  document: 'document.json',
  journal: 'journal.json',
  clock: 'clock.json',
  sequence: 'sequence',
  base: 'base.nft',
  status: 'status.json',
} as const

export function openStateFolder(path: string): StateFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  const write = (name: string, text: string, durability: Durability): void =>
    writeWhole(join(path, name), text, { durability, owner: statSync(path) })
  const json = (name: string, value: unknown, durability: Durability): void =>
    write(name, `${JSON.stringify(value)}\n`, durability)
  const read = <T>(name: string, schema: z.ZodType<T>): T | undefined => readParsed(join(path, name), schema)
  return {
    path,
    readIdentity: () => read(FILES.identity, identity),
    writeIdentity: (value) => json(FILES.identity, value, 'lasting'),
    readDocument: () => read(FILES.document, hostDocument),
    writeDocument: (document, durability) => json(FILES.document, document, durability),
    readJournal: () => read(FILES.journal, journal) ?? [],
    writeJournal: (entries) => json(FILES.journal, entries, 'lasting'),
    readClock: () => read(FILES.clock, clockReading),
    writeClock: (reading) => json(FILES.clock, reading, 'quick'),
    reserveSequence: (count) => {
      const next = read(FILES.sequence, z.number()) ?? 1
      write(FILES.sequence, `${next + count}\n`, 'lasting')
      return next
    },
    writeBaseTable: (text) => write(FILES.base, text, 'lasting'),
    writeStatus: (status) => json(FILES.status, status, 'quick'),
    readStatus: () => read(FILES.status, z.unknown()),
    forget: () => {
      for (const name of Object.values(FILES)) rmSync(join(path, name), { force: true })
    },
  }
}

/** Undefined for a file that is not there, and for one that a crash of the machine left unreadable: the server knows it too. */
function readParsed<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

interface HowToWrite {
  readonly durability: Durability
  /** Of the folder: a command of root's leaves files that the service can read. */
  readonly owner: { readonly uid: number; readonly gid: number }
}

function writeWhole(path: string, text: string, { durability, owner }: HowToWrite): void {
  const draft = `${path}.${process.pid}`
  const file = openSync(draft, 'w', 0o600)
  try {
    writeFileSync(file, text)
    if (durability === 'lasting') fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (process.getuid?.() === 0 && owner.uid !== 0) chownSync(draft, owner.uid, owner.gid)
  renameSync(draft, path)
}
