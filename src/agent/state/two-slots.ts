/**
 * A text that is replaced often and must survive the process: written in turn over one of two files, so that a half-written
 * one leaves the other. Nothing is renamed: ext4 waits for the disk when a file takes another's place, milliseconds that
 * whoever asked for access would wait too.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'

/** `lasting`: must be there also after the machine lost its power at the next moment. */
export type Durability = 'lasting' | 'quick'

export interface TwoSlots {
  /** The newest that was written whole. */
  read(): string | undefined
  /** `text` in one line. */
  write(text: string, durability: Durability): void
  /** From now on there is none. Takes no room. */
  clear(): void
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export function openTwoSlots(path: string, owner: () => Owner): TwoSlots {
  const files = slotFiles(path)
  let turn: number | undefined
  return {
    read: () => newest(files)?.text,
    write: (text, durability) => {
      turn = (turn ?? newest(files)?.turn ?? 0) + 1
      overwrite(files[turn % 2 === 0 ? 0 : 1], lineOf(turn, text), durability, owner())
    },
    clear: () => {
      for (const file of files) if (existsSync(file)) truncateSync(file)
    },
  }
}

export function slotFiles(path: string): readonly [string, string] {
  return [`${path}.a`, `${path}.b`]
}

interface Slot {
  readonly turn: number
  readonly text: string
}

function newest(files: readonly string[]): Slot | undefined {
  const whole = files.flatMap((file) => readSlot(file) ?? [])
  return whole.toSorted((a, b) => b.turn - a.turn)[0]
}

/** Turn, digest and text. What a longer text left behind the end of the line does not count. */
function readSlot(file: string): Slot | undefined {
  try {
    const [line = ''] = readFileSync(file, 'utf8').split('\n', 1)
    const [, turn = '', digest, text = ''] = /^(\d+) (\w+) (.*)$/s.exec(line) ?? []
    return digest === digestOf(turn, text) ? { turn: Number(turn), text } : undefined
  } catch {
    return undefined // it was never written
  }
}

function lineOf(turn: number, text: string): string {
  return `${turn} ${digestOf(String(turn), text)} ${text}\n`
}

function digestOf(turn: string, text: string): string {
  return createHash('sha256').update(`${turn} ${text}`).digest('hex').slice(0, 32)
}

function overwrite(file: string, line: string, durability: Durability, { uid, gid }: Owner): void {
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o600)
  try {
    const data = Buffer.from(line)
    for (let written = 0; written < data.length;) written += writeSync(descriptor, data, written, undefined, written)
    fchmodSync(descriptor, 0o600)
    if (process.getuid?.() === 0 && uid !== 0) fchownSync(descriptor, uid, gid)
    if (durability === 'lasting') fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
