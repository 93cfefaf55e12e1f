/**
 * Checkpoints outside the database: a file of lines that only grows, flushed before anybody relies on it. A line that a
 * crash or a full disk left half written is cut off before the next one; the store still has it.
 */
import { open, truncate } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { CheckpointPlace } from '../../app/audit/keep-trail.ts'
import { checkpointFromLine } from '../../domain/audit/audit-checkpoint.ts'

export const CHECKPOINT_FILE = 'audit-checkpoints.jsonl'

export function checkpointFile(path: string): CheckpointPlace {
  let last: number | undefined
  return {
    last: async () => (last ??= await mendAndFindLast(path)),
    write: async (checkpoints) => {
      const text = checkpoints.map(({ line }) => `${line}\n`).join('')
      last = undefined // until they are whole: else the next ones would be written behind half a line
      const file = await open(path, 'a', 0o600)
      try {
        await file.appendFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      last = checkpoints.at(-1)?.number
    },
  }
}

async function mendAndFindLast(path: string): Promise<number> {
  let whole = 0
  let last = 0
  for await (const line of wholeLinesOf(path)) {
    whole += Buffer.byteLength(line) + 1
    last = checkpointFromLine(line)?.number ?? last
  }
  await truncate(path, whole).catch((cause: unknown) => {
    if (!isMissing(cause)) throw cause
  })
  return last
}

/** Only lines with their end; none when there is no such file. */
export async function* wholeLinesOf(path: string): AsyncGenerator<string> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    if (isMissing(cause)) return undefined
    throw cause
  })
  if (handle === undefined) return
  const endsWhole = await endsWithNewline(path)
  const lines = createInterface({ input: handle.createReadStream(), crlfDelay: Infinity })
  let held: string | undefined
  for await (const line of lines) {
    if (held !== undefined) yield held
    held = line
  }
  if (held !== undefined && endsWhole) yield held
}

async function endsWithNewline(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
    return bytesRead === 1 && buffer[0] === 0x0a
  } finally {
    await handle.close()
  }
}

function isMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'ENOENT' // an error of the file system
}
