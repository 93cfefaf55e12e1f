/**
 * The arrow table of ARCHITECTURE.md as a judgement over modules: which imports, and which reads of clock, chance and
 * environment, are against it. Pure: the caller brings paths and texts.
 */
import { dirname, join, matchesGlob } from 'node:path/posix'
import { moduleFacts } from './module-facts.ts'

export interface SourceModule {
  /** From the root of the repository: `src/domain/net.ts`. */
  readonly path: string
  readonly text: string
}

/** What a folder of `src` may import. `OWN` is the module's own folder, for drivers the one driver's. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  domain: ['OWN'],
  contract: ['OWN', 'src/domain/**'],
  app: ['OWN', 'src/domain/**'],
  issuer: ['OWN', 'src/domain/**', 'src/contract/**', 'src/app/ports/**'],
  store: ['OWN', 'src/domain/**', 'src/app/ports/**'],
  sinks: ['OWN', 'src/domain/**', 'src/app/ports/**'],
  drivers: [
    'OWN',
    'src/domain/**',
    'src/app/ports/**',
    'src/drivers/*.ts',
    'src/contract/agent*',
    'src/contract/agent/**',
  ],
  server: ['OWN', 'src/domain/**', 'src/contract/**', 'src/app/**'],
  portal: ['OWN', 'src/domain/**', 'src/contract/**'],
  cli: ['OWN', 'src/domain/**', 'src/contract/**'],
  agent: ['OWN', 'src/domain/**', 'src/contract/**', 'src/app/ports/**', 'src/drivers/nftables/**'],
  main: ['src/**', 'package.json'],
}

/** Folders that are told the time and never ask it. */
const timeless = ['domain', 'contract', 'app', 'issuer']

export const folders: readonly string[] = Object.keys(arrows)

export function folderOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** One sentence per breach; empty when all is as drawn. */
export function breaches(modules: readonly SourceModule[]): string[] {
  return modules.flatMap((module) => {
    if (!(folderOf(module.path) in arrows)) return [`${module.path} is in a folder that the arrow table does not know`]
    const { imports, reads } = moduleFacts(module)
    return [
      ...imports.filter((specifier) => !mayImport(module.path, specifier)).map((it) => `${module.path} imports ${it}`),
      ...reads.filter((read) => !mayRead(module.path, read)).map((it) => `${module.path} reads ${it}`),
    ]
  })
}

function mayImport(path: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) return mayImportPackage(path, specifier)
  const target = join(dirname(path), specifier)
  const allowed = (arrows[folderOf(path)] ?? []).map((pattern) => (pattern === 'OWN' ? ownFolder(path) : pattern))
  return (isTest(path) ? [...allowed, 'test/**'] : allowed).some((pattern) => matchesGlob(target, pattern))
}

/** A path from the root, a URL or a computed name cannot be judged, so only `main` may have one. */
function mayImportPackage(path: string, specifier: string): boolean {
  if (isTest(path) || folderOf(path) === 'main') return true
  const isPackage = /^(node:)?[@a-z]/.test(specifier) && !specifier.startsWith('file:')
  return isPackage && folderOf(path) !== 'domain'
}

function mayRead(path: string, read: string): boolean {
  if (isTest(path)) return true
  if (read === 'process.env') return folderOf(path) === 'main'
  return !timeless.includes(folderOf(path))
}

function ownFolder(path: string): string {
  const depth = folderOf(path) === 'drivers' ? 3 : 2
  return `${path.split('/').slice(0, depth).join('/')}/**`
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path)
}
