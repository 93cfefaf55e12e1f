/**
 * Builds the portal (see build-portal) and bundles the two programs. `dist/sallyport.js` is everything: the command
 * line beside it (`client.cjs`), and the server, in chunks that are loaded on demand and with the packages of
 * `node_modules`. `dist/sallyport-cli.cjs` is the command line alone: one file that needs nothing beside it.
 * Results appear by rename, so builds may run at the same time and nobody ever reads half a file.
 */
import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build, type BuildOptions, type OutputFile, type Plugin } from 'esbuild'
import { buildPortal } from './build-portal.ts'
import { usedOfZod, versionAlone } from './bundle-plugins.ts'
import { licencesOf } from './licences.ts'

const root = join(import.meta.dirname, '..')
/** Where the programs go; another place for a test. */
const out = process.argv[2] ?? join(root, 'dist')

type Built = Pick<OutputFile, 'path' | 'contents'>

const COMMON = {
  outdir: out,
  absWorkingDir: root,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node22',
  plugins: [versionAlone],
} as const satisfies BuildOptions

/** Where the parts lie that only the server needs; loaded from there, so that other commands never read them. */
const SERVER_PARTS = {
  'server-line': 'src/main/program/server-line.ts',
  'verify-folder': 'src/main/trail/verify-folder.ts',
}

async function serverParts(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: SERVER_PARTS,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    // What only some commands need stays in files that the others never load.
    splitting: true,
    format: 'esm',
    packages: 'external',
    legalComments: 'none',
    sourcemap: 'linked',
  })
  return outputFiles
}

/** The server's parts are found beside the program, and the command line is the text beside it. */
const partsBeside: Plugin = {
  name: 'parts-beside',
  setup(on) {
    const server = new RegExp(`[\\\\/](?:${Object.keys(SERVER_PARTS).join('|')})\\.ts$`)
    on.onResolve({ filter: server }, ({ path }) => ({ path: `./${basename(path, '.ts')}.mjs`, external: true }))
    on.onResolve({ filter: /[\\/]bring-client\.ts$/ }, () => ({
      path: join(root, 'src/main/program/bring-built-client.ts'),
    }))
  },
}

/** CommonJS, because Node.js takes longer to get ready for modules than the command line to run. */
async function program(define: Record<string, string>): Promise<Built[]> {
  const entry = join(root, 'src/main/sallyport.ts')
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: [entry],
    format: 'cjs',
    define,
    plugins: [versionAlone, partsBeside],
    legalComments: 'none',
    sourcemap: 'linked',
    banner: await firstLine(entry),
  })
  // Above it lies a package.json that says otherwise.
  return [...outputFiles, { path: join(out, 'package.json'), contents: Buffer.from('{ "type": "commonjs" }\n') }]
}

async function programs(): Promise<Built[]> {
  const entry = join(root, 'src/main/sallyport-cli.ts')
  const one = { ...COMMON, format: 'cjs', minify: true } as const satisfies BuildOptions
  const { outputFiles, metafile } = await build({
    ...one,
    entryPoints: [join(root, 'src/main/program/client-line.ts')],
    legalComments: 'none',
    metafile: true,
    // Not read by the program: it tells us what a stack trace of short names means.
    sourcemap: 'external',
    sourcesContent: false,
    // Only Node.js's own modules are left, and those `require` brings.
    supported: { 'dynamic-import': false },
    plugins: [versionAlone, usedOfZod('cli', 'contract'), broughtWhenCalled],
  })
  const [map, ...code] = outputFiles.toSorted((a, b) => Number(isMap(b)) - Number(isMap(a)))
  const text = code.map((file) => file.text).join('')
  const define = { PROGRAM_HASH: JSON.stringify(hashOf(text)) }
  const wrapped = await build({
    ...one,
    entryPoints: [entry],
    outExtension: { '.js': '.cjs' },
    define,
    legalComments: 'none',
    banner: await firstLine(entry),
    footer: { js: lastLine(text) },
  })
  const client = [
    { path: join(out, 'client.cjs'), contents: Buffer.from(text) },
    { path: join(out, 'client.cjs.map'), contents: map?.contents ?? new Uint8Array() },
  ]
  const files = [...client, ...wrapped.outputFiles, ...(await program(define))]
  return [...files, licences(await licencesOf(root, Object.keys(metafile.inputs)))]
}

function isMap({ path }: Built): boolean {
  return path.endsWith('.map')
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

/**
 * Modules of Node.js that most commands do without, and that take up to 3 ms to load: each of their functions brings them
 * when it is called first. What is no function cannot be imported from them, and the build says so.
 */
const broughtWhenCalled: Plugin = {
  name: 'brought-when-called',
  setup(on) {
    on.onResolve({ filter: /^node:(?:child_process|fs\/promises|stream\/promises)$/ }, ({ path }) => ({
      path,
      namespace: 'brought-when-called',
    }))
    on.onLoad({ filter: /.*/, namespace: 'brought-when-called' }, ({ path }) => ({ contents: callsOf(path) }))
  },
}

function callsOf(name: string): string {
  const functions = Object.entries(process.getBuiltinModule(name) ?? {}).filter(
    ([, value]) => typeof value === 'function',
  )
  const calls = functions.map(([one]) => `export const ${one} = (...given) => brought().${one}(...given)`)
  return [`const brought = () => process.getBuiltinModule('${name}')`, ...calls, 'export default {}'].join('\n')
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
const files: Built[] = (await Promise.all([serverParts(), programs()])).flat()
for (const file of files.toSorted((a, b) => isProgram(a) - isProgram(b))) await putInPlace(file, started)
