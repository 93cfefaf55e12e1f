/**
 * Builds the agent as a host gets it: one program that needs neither npm nor Node.js there, and with `--deb` the Debian
 * package around it. It is Node.js itself with the bundled script inside (https://nodejs.org/api/single-executable-applications.html).
 * Results appear by rename, so that nobody ever runs half a program.
 */
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { inject } from 'postject'
import { usedOfZod, versionAlone } from './bundle-plugins.ts'
import { licencesOf } from './licences.ts'
import packageJson from '../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const UNITS = ['sallyport-agent.service', 'sallyport-agent-base.service', 'nftables.service.d/sallyport.conf']
/** Where the results go; another place for a test. */
const out = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? join(root, 'dist')
const PROGRAM = 'sallyport-agent-linux-x64'
const PACKAGE = `sallyport-agent_${packageJson.version}_amd64.deb`
/** What Node.js looks for in itself; from its documentation. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const KOFFI = join(root, 'node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node')

/**
 * The native half of koffi is an asset of the program, and the system loads only files: it lies in a folder that nobody
 * else can write to for as long as loading takes. Where that cannot be, the agent runs `nft` instead.
 */
const KOFFI_FROM_ASSET = `
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRawAsset } from 'node:sea'
let native
function bring() {
  if (native !== undefined) return native
  const folder = mkdtempSync(join(process.env.RUNTIME_DIRECTORY ?? tmpdir(), 'sallyport-agent-'))
  try {
    const file = join(folder, 'koffi.node')
    writeFileSync(file, new Uint8Array(getRawAsset('koffi.node')))
    const module = { exports: {} }
    process.dlopen(module, file, constants.dlopen.RTLD_NOW)
    return (native = module.exports)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
export default { load: (...given) => bring().load(...given), errno: () => bring().errno() }`

const koffiFromAsset: Plugin = {
  name: 'koffi-from-asset',
  setup(on) {
    on.onResolve({ filter: /^koffi$/ }, () => ({ path: 'koffi', namespace: 'asset' }))
    on.onLoad({ filter: /.*/, namespace: 'asset' }, () => ({ contents: KOFFI_FROM_ASSET, resolveDir: root }))
  },
}

/** Returns the licences of what is inside. */
async function bundle(outfile: string): Promise<string> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/main/sallyport-agent.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    // Faster ways of two small things that ws uses where they are installed.
    external: ['bufferutil', 'utf-8-validate'],
    plugins: [versionAlone, usedOfZod('agent', 'contract'), koffiFromAsset],
    metafile: true,
  })
  return licencesOf(root, [...Object.keys(metafile.inputs), 'node_modules/koffi/package.json'])
}

interface Program {
  readonly file: string
  readonly licences: string
}

async function program(folder: string): Promise<Program> {
  const script = join(folder, 'agent.cjs')
  const blob = join(folder, 'agent.blob')
  const config = join(folder, 'sea.json')
  const file = join(folder, PROGRAM)
  const licences = await bundle(script)
  const options = {
    main: script,
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // Memory before speed, to stay below 80 MB; the bound leaves room for the document of a large gateway.
    // The cache of compiled code is of this processor; another one compiles anew, and need not tell everybody who runs it.
    execArgv: [
      '--disable-warning=Warning',
      '--max-old-space-size=256',
      '--max-semi-space-size=1',
      '--optimize-for-size',
    ],
    assets: { 'koffi.node': KOFFI },
  }
  await writeFile(config, JSON.stringify(options))
  await run(process.execPath, ['--experimental-sea-config', config])
  await copyFile(process.execPath, file)
  await inject(file, 'NODE_SEA_BLOB', await readFile(blob), { sentinelFuse: FUSE })
  await chmod(file, 0o755)
  return { file, licences }
}

/** What goes where on a host, and by whom it may be run. */
async function debianPackage(folder: string, { file, licences }: Program): Promise<string> {
  const tree = join(folder, 'tree')
  const control = await readFile(join(root, 'deploy/debian/control'), 'utf8')
  await put(join(tree, 'DEBIAN/control'), control.replace('@VERSION@', packageJson.version))
  for (const name of ['postinst', 'prerm', 'postrm'])
    await put(join(tree, 'DEBIAN', name), await readFile(join(root, 'deploy/debian', name), 'utf8'), 0o755)
  for (const name of UNITS)
    await put(join(tree, 'lib/systemd/system', name), await readFile(join(root, 'deploy/systemd', name), 'utf8'))
  await put(
    join(tree, 'usr/share/doc/sallyport-agent/copyright'),
    `${await readFile(join(root, 'LICENSE'), 'utf8')}
${licences}`,
  )
  await mkdir(join(tree, 'usr/bin'), { recursive: true })
  await copyFile(file, join(tree, 'usr/bin/sallyport-agent'))
  const built = join(folder, PACKAGE)
  // xz would take half a minute for a third less, and gzip at its best ten seconds for a twentieth.
  await run('dpkg-deb', ['--build', '--root-owner-group', '-Zgzip', '-z3', tree, built])
  return built
}

async function put(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode })
}

await mkdir(out, { recursive: true })
const folder = await mkdtemp(join(out, '.agent-'))
try {
  const built = await program(folder)
  if (process.argv.includes('--deb')) await rename(await debianPackage(folder, built), join(out, PACKAGE))
  await rename(built.file, join(out, PROGRAM))
} finally {
  await rm(folder, { recursive: true })
}
