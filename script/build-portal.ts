/** Builds the portal: one document, and files whose names carry their content, each also compressed. */
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { NONCE_PLACE } from '../src/server/portal.ts'

const PORTAL = join(import.meta.dirname, '../src/portal')

/** Appears by rename: a server that starts meanwhile finds the old one or the new one. */
export async function buildPortal(folder: string, source = PORTAL): Promise<void> {
  const draft = `${folder}.${process.pid}`
  // A test's own NODE_ENV would take React's development build along: https://vite.dev/guide/env-and-mode#node-env-and-modes
  process.env['NODE_ENV'] = 'production'
  await build({
    configFile: false,
    root: source,
    logLevel: 'warn',
    plugins: [react()],
    html: { cspNonce: NONCE_PLACE },
    build: {
      outDir: draft,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      // Inlined files would need a wider policy than 'self'.
      assetsInlineLimit: 0,
      // Fluent marks its modules for frameworks that render on servers.
      rolldownOptions: {
        onwarn: (warning, warn) => (warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning)),
      },
    },
  })
  for (const name of await readdir(join(draft, 'assets'))) await compress(join(draft, 'assets', name))
  await rm(folder, { recursive: true, force: true })
  await rename(draft, folder)
}

async function compress(file: string): Promise<void> {
  const content = await readFile(file)
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
  await writeFile(`${file}.br`, await promisify(brotliCompress)(content, quality))
  await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }))
}
