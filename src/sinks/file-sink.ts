/**
 * Audit events to a file, a JSON object on each line, flushed before they count as delivered. A full file is renamed to
 * `.1`, the one before to `.2`, and the oldest goes. A line that a crash left half written is ended, so that it spoils
 * only itself; its event comes again.
 */
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AuditSink } from '../app/ports/trail.ts'
import { auditLineFrom } from '../domain/audit/audit-line.ts'
import type { StoredAuditEvent } from '../domain/audit/audit.ts'

export interface FilePlace {
  readonly name: string
  readonly path: string
  readonly maxBytes: number
  /** Files besides the one that is being written. */
  readonly keep: number
}

export function fileSink(place: FilePlace): AuditSink {
  let file: FileHandle | undefined
  const close = async (): Promise<void> => {
    const open = file
    file = undefined
    await open?.close()
  }
  return {
    name: place.name,
    deliver: async (events) => {
      try {
        file ??= await openMended(place.path)
        if ((await file.stat()).size >= place.maxBytes) {
          await close()
          await rotate(place)
          file = await openMended(place.path)
        }
        await file.appendFile(events.map(lineFrom).join(''))
        await file.datasync()
      } catch (cause) {
        await close() // it may have been moved away, or the disk may be full: begin anew
        throw cause
      }
    },
    close,
  }
}

function lineFrom(event: StoredAuditEvent): string {
  return `${JSON.stringify(auditLineFrom(event))}\n`
}

async function openMended(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'a+', 0o600)
  const { size } = await file.stat()
  if (size === 0) return file
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  if (buffer[0] !== 0x0a) await file.appendFile('\n')
  return file
}

async function rotate({ path, keep }: FilePlace): Promise<void> {
  await rm(`${path}.${keep}`, { force: true })
  for (let number = keep - 1; number >= 1; number--) await renameIfThere(`${path}.${number}`, `${path}.${number + 1}`)
  await rename(path, `${path}.1`)
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause // an error of the file system
  })
}
