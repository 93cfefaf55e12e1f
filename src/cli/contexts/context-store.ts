/**
 * `contexts.json`: the servers a person works with. Read at the start of every command, so it is read whole and at once.
 * A file that is not as expected is refused, never repaired: it says where tokens may be sent.
 */
import path from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { configFolder, type Home } from './config-folder.ts'
import { NO_CONTEXTS, type Context, type Contexts } from './context.ts'
import { readPrivate, writePrivate } from './private-file.ts'

const FILE = 'contexts.json'

export function readContexts(home: Home): Contexts {
  const folder = configFolder(home)
  if (folder === undefined) return NO_CONTEXTS
  const file = path.join(folder, FILE)
  const text = readPrivate(file)
  return text === undefined ? NO_CONTEXTS : parseContexts(file, text)
}

/** Changes what is there at that moment: two commands at once lose nothing of each other. */
export async function changeContexts(home: Home, change: (seen: Contexts) => Contexts): Promise<Contexts> {
  const file = path.join(contextFolder(home), FILE)
  const { holdingLock } = await import('./file-lock.ts') // only who changes something needs it
  return holdingLock(file, async () => {
    const changed = change(readContexts(home))
    writePrivate(file, `${JSON.stringify({ version: 1, ...changed }, null, 2)}\n`)
    return changed
  })
}

/** Where to keep something, for who has a place to keep it. */
export function contextFolder(home: Home): string {
  const folder = configFolder(home)
  if (folder !== undefined) return folder
  throw new Failure(EXIT.notSignedIn, 'there is no home folder to keep your sign-in in', {
    remedy: 'SALLYPORT_CONFIG_DIR=FOLDER, or SALLYPORT_TOKEN_FILE, which keeps nothing',
  })
}

function parseContexts(file: string, text: string): Contexts {
  const parsed = parseJson(text)
  const contexts: unknown = parsed?.['contexts']
  const current: unknown = parsed?.['current']
  const isKnown = parsed?.['version'] === 1 && (current === undefined || typeof current === 'string')
  if (isKnown && Array.isArray(contexts) && contexts.every(isContext)) return { current, contexts }
  throw new Failure(EXIT.notSignedIn, `${file} is not as this version of sallyport writes it`, {
    remedy: 'move it away and sign in again: sallyport login --server URL',
  })
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** What every command relies on; how somebody signs in is looked at when it is used. */
function isContext(value: unknown): value is Context {
  if (typeof value !== 'object' || value === null) return false
  const { name, server, keep } = value as Record<string, unknown> // each is looked at here
  return typeof name === 'string' && typeof server === 'string' && URL.canParse(server) && typeof keep === 'string'
}
