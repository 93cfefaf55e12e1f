/**
 * Bundles `src/main/sallyport.ts` (the server and the CLI) into `dist/sallyport.js` and the chunks it loads on demand.
 * Packages stay outside the bundle.
 * The result appears by rename, so builds may run at the same time and nobody ever reads half a file.
 */
import { chmod, mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build, type OutputFile } from 'esbuild'

const root = join(import.meta.dirname, '..')
const entry = join(root, 'src/main/sallyport.ts')

async function bundle(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    outdir: join(root, 'dist'),
    chunkNames: 'chunks/[name]-[hash]',
    // What only the server needs stays in files that the other commands never load.
    splitting: true,
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    packages: 'external',
    sourcemap: 'linked',
    legalComments: 'none',
    // esbuild keeps a first line that the entry brings itself.
    banner: (await readFile(entry, 'utf8')).startsWith('#!') ? {} : { js: '#!/usr/bin/env node' },
  })
  return outputFiles
}

/** `built` is when the sources were read: a source that changes during the build is newer than the result. */
async function putInPlace(file: OutputFile, built: Date): Promise<void> {
  const draft = join(dirname(file.path), `.${basename(file.path)}.${process.pid}`)
  await mkdir(dirname(file.path), { recursive: true })
  await writeFile(draft, file.contents)
  await chmod(draft, 0o755)
  await utimes(draft, built, built)
  await rename(draft, file.path)
}

const started = new Date()
// The program itself last: whoever sees it finds its map and its chunks.
const files = (await bundle()).toSorted((a, b) => b.path.length - a.path.length)
for (const file of files) await putInPlace(file, started)
