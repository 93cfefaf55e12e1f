/**
 * Makes a folder and those above it. Node's own `recursive` never ends where the system says of a new folder that there
 * is no such file, as /proc and automounters do: it makes the folder above, which is there, and tries again.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** False when it was there. Throws the system's own error. */
export function makeFolder(folder: string, { mode = 0o777 }: { readonly mode?: number } = {}): boolean {
  try {
    mkdirSync(folder, { mode })
    return true
  } catch (cause) {
    const above = dirname(folder)
    if (!isMissing(cause) || above === folder || existsSync(above)) {
      if (isFolder(folder)) return false
      throw cause
    }
    makeFolder(above, { mode })
    return makeFolder(folder, { mode })
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && Reflect.get(cause, 'code') === 'ENOENT'
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
}
