/**
 * One process per data folder. The lock is a file lock held by an open SQLite database, so the kernel releases it with
 * the process, however it ends: a crash leaves nothing that blocks the next start.
 */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface FolderLock {
  readonly release: () => void
}

export function lockFolder(folder: string): FolderLock {
  const holder = join(folder, 'lock.json')
  const file = join(folder, 'lock')
  // Whoever may read the file could lock us out. Made before SQLite opens it: closing it later would drop SQLite's locks.
  closeSync(openSync(file, 'a', 0o600))
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    db.exec('begin exclusive')
  } catch (cause) {
    db.close()
    throw new FolderInUse(folder, readHolder(holder), cause)
  }
  const since = new Date().toISOString()
  writeFileSync(holder, `${JSON.stringify({ pid: process.pid, host: hostname(), since })}\n`, { mode: 0o600 })
  return { release: () => db.close() }
}

class FolderInUse extends Error {
  constructor(folder: string, holder: string, cause: unknown) {
    super(`another sallyport server (${holder}) uses ${folder}; stop it first, or give this one a folder of its own`, {
      cause,
    })
  }
}

/** For people only: the lock itself decides. */
function readHolder(path: string): string {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown> // printed as it is
    return `process ${String(pid)} on ${String(host)} since ${String(since)}`
  } catch {
    return 'unknown process'
  }
}
