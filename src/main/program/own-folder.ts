/**
 * A folder that nobody else can write to, made if need be; undefined where there is none. What is compiled is run again
 * from there: with `sudo -E` the home is another person's, and who may write there would run code as root.
 */
import { statSync } from 'node:fs'
import { makeFolder } from '../../cli/make-folder.ts'

const OTHERS_MAY_WRITE = 0o022

export function ownFolder(folder: string): string | undefined {
  try {
    makeFolder(folder, { mode: 0o700 })
    const { uid, mode } = statSync(folder)
    const mine = process.getuid?.()
    // Windows has neither: there a person's folders are their own by inheritance.
    if (mine === undefined) return folder
    return uid === mine && (mode & OTHERS_MAY_WRITE) === 0 ? folder : undefined
  } catch {
    return undefined // a home that cannot be written to
  }
}
