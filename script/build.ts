/**
 * Builds the portal (see build-portal) and bundles the two programs. `dist/sallyport.js` is everything: the server and the
 * command line, with chunks that are loaded on demand and the packages of `node_modules`. `dist/sallyport-cli.cjs` is the
 * command line alone: one file that needs nothing beside it.
 * Results appear by rename, so builds may run at the same time and nobody ever reads half a file.
 */
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build, type BuildOptions, type OutputFile, type Plugin } from 'esbuild'
import { buildPortal } from './build-portal.ts'
import packageJson from '../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '..')
/** Where the programs go; another place for a test. */
const out = process.argv[2] ?? join(root, 'dist')

type Built = Pick<OutputFile, 'path' | 'contents'>

/** Of package.json the programs need the version. */
const versionAlone: Plugin = {
  name: 'version-alone',
  setup: (on) =>
    on.onLoad({ filter: /package\.json$/ }, ({ path }) =>
      path === join(root, 'package.json')
        ? { contents: JSON.stringify({ version: packageJson.version }), loader: 'json' }
        : undefined,
    ),
}

const COMMON = {
  outdir: out,
  absWorkingDir: root,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node22',
  plugins: [versionAlone],
} as const satisfies BuildOptions

/** Chunks lie a folder below. Required, because an import would read all of it for its exports first. */
const CLIENT = `import { createRequire } from 'node:module'
export const { clientLine } = createRequire(import.meta.url)('../client.cjs')`

/** The command line of `sallyport.js`, which has no code of its own for it. */
const clientApart: Plugin = {
  name: 'client-apart',
  setup: (on) => on.onLoad({ filter: /[\\/]client-line\.ts$/ }, () => ({ contents: CLIENT })),
}

async function program(): Promise<OutputFile[]> {
  const entry = join(root, 'src/main/sallyport.ts')
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: [entry],
    chunkNames: 'chunks/[name]-[hash]',
    // What only some commands need stays in files that the others never load.
    splitting: true,
    format: 'esm',
    packages: 'external',
    plugins: [versionAlone, clientApart],
    legalComments: 'none',
    sourcemap: 'linked',
    banner: await firstLine(entry),
  })
  return outputFiles
}

async function commandLine(): Promise<Built[]> {
  const entry = join(root, 'src/main/sallyport-cli.ts')
  const one = { ...COMMON, format: 'cjs', minifySyntax: true, minifyWhitespace: true } as const satisfies BuildOptions
  const { outputFiles, metafile } = await build({
    ...one,
    entryPoints: [join(root, 'src/main/client-line.ts')],
    legalComments: 'none',
    metafile: true,
    // Only Node.js's own modules are left, and those `require` brings.
    supported: { 'dynamic-import': false },
    plugins: [versionAlone, withoutTranslations],
  })
  const program = outputFiles.map(({ text }) => text).join('')
  const wrapped = await build({
    ...one,
    entryPoints: [entry],
    outExtension: { '.js': '.cjs' },
    define: { PROGRAM_HASH: JSON.stringify(hashOf(program)) },
    legalComments: 'none',
    banner: await firstLine(entry),
    footer: { js: lastLine(program) },
  })
  const client = { path: join(out, 'client.cjs'), contents: Buffer.from(program) }
  return [client, ...wrapped.outputFiles, licences(await licencesOf(Object.keys(metafile.inputs)))]
}

/** Of every package that is inside: who hands the file on hands these on too. */
async function licencesOf(inputs: readonly string[]): Promise<string> {
  const folders = inputs
    .map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
    .filter((folder) => folder !== undefined)
  const texts = [...new Set(folders)].toSorted().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Record<
      string,
      string
    > // npm's own form
    const [file] = (await readdir(join(root, folder))).filter((one) => /^licen[cs]e/i.test(one))
    if (file === undefined) throw new Error(`expected a licence in ${folder}`)
    return `${name ?? ''} ${version ?? ''}\n\n${await readFile(join(root, folder, file), 'utf8')}`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}

/** The program as a comment: esbuild writes ASCII, so nothing in it ends the line. */
function lastLine(program: string): string {
  if (Buffer.byteLength(program) !== program.length)
    throw new Error('expected a program in ASCII, as esbuild writes it')
  return `//${JSON.stringify(program)}`
}

function licences(text: string): Built {
  return { path: join(out, 'sallyport-cli.licences.txt'), contents: Buffer.from(text) }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Zod brings its messages in fifty languages along; the command line speaks one. */
const withoutTranslations: Plugin = {
  name: 'without-translations',
  setup: (on) =>
    on.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
    })),
}

/** esbuild keeps a first line that the entry brings itself. */
async function firstLine(entry: string): Promise<Record<string, string>> {
  return (await readFile(entry, 'utf8')).startsWith('#!') ? {} : { js: '#!/usr/bin/env node' }
}

/** `built` is when the sources were read: a source that changes during the build is newer than the result. */
async function putInPlace(file: Built, built: Date): Promise<void> {
  const draft = join(dirname(file.path), `.${basename(file.path)}.${process.pid}`)
  await mkdir(dirname(file.path), { recursive: true })
  await writeFile(draft, file.contents)
  await chmod(draft, 0o755)
  await utimes(draft, built, built)
  await rename(draft, file.path)
}

const started = new Date()
await buildPortal(join(out, 'portal'))
// The programs themselves last: whoever sees one finds its map, its chunks and its command line.
const isProgram = ({ path }: Built): number => Number(/^sallyport(?:-cli)?\.c?js$/.test(basename(path)))
const files: Built[] = (await Promise.all([program(), commandLine()])).flat()
for (const file of files.toSorted((a, b) => isProgram(a) - isProgram(b))) await putInPlace(file, started)
