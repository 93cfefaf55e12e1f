/**
 * Files that only their owner may read: written whole or not at all, and not read when others could have read or written
 * them. On Windows the folder below %APPDATA% is private by inheritance, and modes say nothing.
 */
import { chmodSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { makeFolder } from '../make-folder.ts'
import { systemReason } from '../system-reason.ts'

const OWNER_ONLY = 0o600
const OWNER_ONLY_FOLDER = 0o700
const OTHERS = 0o077

/** Undefined when it is not there. */
export function readPrivate(file: string): string | undefined {
  if (!isThere(path.dirname(file)) || !isThere(file)) return undefined
  refuseLoose(path.dirname(file), OWNER_ONLY_FOLDER)
  refuseLoose(file, OWNER_ONLY)
  return readFileSync(file, 'utf8')
}

/** Appears by rename: a reader sees the old text or the new one. */
export function writePrivate(file: string, text: string): void {
  makePrivateFolder(path.dirname(file))
  const draft = `${file}.${crypto.randomUUID()}`
  try {
    writeFileSync(draft, text, { mode: OWNER_ONLY, flag: 'wx' })
    renameSync(draft, file)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw cannot('written', file, cause)
  }
}

export function removePrivate(file: string): void {
  rmSync(file, { force: true })
}

/** A folder that is made here is private whatever the umask; one that was there must be. */
export function makePrivateFolder(folder: string): void {
  try {
    if (makeFolder(folder, { mode: OWNER_ONLY_FOLDER })) chmodSync(folder, OWNER_ONLY_FOLDER)
  } catch (cause) {
    throw cannot('made', folder, cause)
  }
  refuseLoose(folder, OWNER_ONLY_FOLDER)
}

function refuseLoose(place: string, wanted: number): void {
  if (process.platform === 'win32') return
  const { mode, uid } = lstatSync(place)
  const octal = (bits: number): string => bits.toString(8).padStart(4, '0')
  const isMine = uid === process.getuid?.()
  if (isMine && (mode & OTHERS) === 0) return
  const why = isMine ? `others may read or write it (mode ${octal(mode & 0o7777)})` : 'it belongs to another user'
  throw new Failure(EXIT.notSignedIn, `${place} is for your tokens and is not used: ${why}`, {
    remedy: isMine
      ? remedyFor(place, octal(wanted), wanted === OWNER_ONLY)
      : 'SALLYPORT_CONFIG_DIR names another folder',
  })
}

function remedyFor(place: string, mode: string, isFile: boolean): string {
  const afterwards = isFile ? ', then sallyport logout, because others may have read it' : ''
  return `chmod ${mode} ${place}${afterwards}`
}

function isThere(place: string): boolean {
  try {
    lstatSync(place)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false // lstat's own error
    throw cannot('read', place, error)
  }
}

function cannot(done: string, place: string, cause: unknown): Failure {
  return new Failure(EXIT.notSignedIn, `${place} cannot be ${done} (${systemReason(cause)})`, {
    remedy: 'SALLYPORT_CONFIG_DIR names another folder',
    cause,
  })
}
