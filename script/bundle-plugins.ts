/** What every bundle of ours leaves out. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import packageJson from '../package.json' with { type: 'json' }

const PACKAGE = join(import.meta.dirname, '../package.json')

/** Of package.json the programs need the version. */
export const versionAlone: Plugin = {
  name: 'version-alone',
  setup: (on) =>
    on.onLoad({ filter: /package\.json$/ }, ({ path }) =>
      path === PACKAGE ? { contents: JSON.stringify({ version: packageJson.version }), loader: 'json' } : undefined,
    ),
}

/**
 * Zod offers everything as members of one object, its messages in fifty languages among it, of which no bundler leaves a
 * member out. Imported as a namespace only what is used is left: https://zod.dev/packages/mini (Tree-shaking).
 */
export function usedOfZod(...folders: readonly string[]): Plugin {
  const filter = new RegExp(`[\\\\/]src[\\\\/](?:${folders.join('|')})[\\\\/].*\\.ts$`)
  return {
    name: 'used-of-zod',
    setup: (on) =>
      on.onLoad({ filter }, async ({ path }) => ({
        contents: (await readFile(path, 'utf8')).replace("import { z } from 'zod'", "import * as z from 'zod'"),
        loader: 'ts',
      })),
  }
}
