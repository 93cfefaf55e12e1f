/**
 * Adds to package-lock.json the platform packages (`@oxlint/binding-darwin-arm64` …) that `npm install` leaves out when
 * the registry in use does not hold them; `npm ci` of npm 11 refuses a lock without them ("Missing: … from lock file").
 * An added entry says version and platform only, so npm skips it on every other platform.
 * `--check` changes nothing and fails if an entry is missing. Must never touch an entry that exists.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const entryShape = z.looseObject({
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})
const lockShape = z.looseObject({ packages: z.record(z.string(), entryShape) })

export type Lock = z.infer<typeof lockShape>
type Entries = Lock['packages']

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']

/** The entries that `npm ci` will ask for and the lock does not have, by their place in the tree. */
export function missingEntries(lock: Lock): Entries {
  const missing: Entries = {}
  for (const [place, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isFound({ name, from: place, entries: lock.packages })) continue
      missing[`${folderBeside(place)}node_modules/${name}`] = platformEntry({ name, version, dev: entry.dev === true })
    }
  }
  return missing
}

/** Node's own look-up: the importing package's node_modules, then each folder above it. */
function isFound({ name, from, entries }: { name: string; from: string; entries: Entries }): boolean {
  if (entries[`${from === '' ? '' : `${from}/`}node_modules/${name}`]) return true
  return from !== '' && isFound({ name, from: folderBeside(from).replace(/\/$/, ''), entries })
}

/** `a/node_modules/b` is beside `a/`: what is put there is found by `b` and by everything in `a`. */
function folderBeside(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('node_modules/')))
}

function platformEntry({ name, version, dev }: { name: string; version: string; dev: boolean }): Entries[string] {
  const words = name.split(/[/-]/)
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  return {
    version,
    cpu: processors.filter((word) => words.includes(word)),
    ...(dev ? { dev } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    os: systems.filter((word) => words.includes(word)),
  }
}

export function parseLock(text: string): Lock {
  return lockShape.parse(JSON.parse(text))
}

function completed(lock: Lock): Lock {
  const all = Object.entries({ ...lock.packages, ...missingEntries(lock) })
  return { ...lock, packages: Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1))) }
}

if (import.meta.main) {
  const path = new URL('../package-lock.json', import.meta.url)
  const lock = parseLock(readFileSync(path, 'utf8'))
  const places = Object.keys(missingEntries(lock))
  if (places.length > 0 && process.argv.includes('--check')) {
    console.error(`package-lock.json lacks ${places.length} platform packages, so "npm ci" will refuse it.`)
    console.error('Run: node script/complete-lock.ts')
    process.exitCode = 1
  } else if (places.length > 0) {
    writeFileSync(path, `${JSON.stringify(completed(lock), null, 2)}\n`)
    console.log(`package-lock.json: ${places.length} platform packages added`)
  }
}
