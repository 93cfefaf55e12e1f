/** Finds what the build made of the portal, beside the program. */
import { realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PortalFiles } from '../server/portal.ts'

/** Beside the program, whatever link it was started through. */
export function portalFolder(): string {
  return join(dirname(realpathSync(process.argv[1] ?? '.')), 'portal')
}

/** Undefined when the program runs without it: from its sources, or as the command line alone. */
export async function findPortal(folder: string): Promise<PortalFiles | undefined> {
  try {
    return { folder, document: await readFile(join(folder, 'index.html'), 'utf8') }
  } catch {
    return undefined
  }
}
