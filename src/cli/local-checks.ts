/**
 * What this machine needs to run a server that protects it. Looks, changes nothing. A machine that only talks to a server
 * elsewhere needs none of the firewall parts, so the caller says how grave their absence is.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Check } from '../contract/installation.ts'

export interface Here {
  readonly nodeVersion: string
  readonly platform: string
  readonly searchPath: string
  /** Folders as `/usr/lib`; tests give their own. */
  readonly libraryFolders: readonly string[]
  readonly statusFile: string
}

export const LIBRARY_FOLDERS: readonly string[] = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/usr/local/lib']
const OLDEST_NODE: readonly [number, number] = [22, 13]
const CAP_NET_ADMIN = 12n

export function localChecks(here: Here, missing: 'warning' | 'failed'): Check[] {
  const firewall = here.platform === 'linux' ? [nftCheck, libraryCheck, privilegeCheck] : [platformCheck]
  return [nodeCheck(here), ...firewall.map((check) => check(here, missing))]
}

function nodeCheck({ nodeVersion }: Here): Check {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  const text = `Node.js ${nodeVersion}`
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor))
    return { name: 'node', status: 'ok', text }
  const oldest = OLDEST_NODE.join('.')
  return {
    name: 'node',
    status: 'failed',
    text: `${text}; ${oldest} or later is needed`,
    remedy: `install Node.js ${oldest} or later`,
  }
}

function platformCheck({ platform }: Here, missing: Check['status']): Check {
  const text = `this is ${platform}; a server protects its own machine only on Linux`
  return { name: 'platform', status: missing, text, remedy: 'run the server on Linux, and use --server here' }
}

function nftCheck({ searchPath }: Here, missing: Check['status']): Check {
  const folders = [...searchPath.split(path.delimiter), '/usr/sbin', '/sbin'] // sbin is not in everybody's PATH
  const found = folders.map((folder) => path.join(folder, 'nft')).find((file) => existsSync(file))
  if (found !== undefined) return { name: 'nft', status: 'ok', text: found }
  return {
    name: 'nft',
    status: missing,
    text: 'the program nft is not installed',
    remedy: 'sudo apt-get install nftables',
  }
}

function libraryCheck({ libraryFolders }: Here): Check {
  const found = libraryFolders.flatMap(libraryFilesIn).at(0)
  if (found !== undefined) return { name: 'libnftables', status: 'ok', text: found }
  const text = 'the library libnftables.so.1 is not installed; rules are then changed through nft, which is slower'
  return { name: 'libnftables', status: 'warning', text, remedy: 'sudo apt-get install libnftables1' }
}

/** Debian keeps it a folder below, named after the architecture. */
function libraryFilesIn(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [path.join(folder, entry.name)] : [],
    )
    return [folder, ...below].map((place) => path.join(place, 'libnftables.so.1')).filter((file) => existsSync(file))
  } catch {
    return [] // the folder is not there
  }
}

/** The effective capabilities, as the kernel writes them (proc_pid_status(5), CapEff). */
function privilegeCheck({ statusFile }: Here, missing: Check['status']): Check {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readOrNothing(statusFile))?.[1] ?? '0'
  if (((BigInt(`0x${mask}`) >> CAP_NET_ADMIN) & 1n) === 1n) {
    return { name: 'privilege', status: 'ok', text: 'may change the firewall (CAP_NET_ADMIN)' }
  }
  return {
    name: 'privilege',
    status: missing,
    text: 'may not change the firewall: CAP_NET_ADMIN is missing',
    remedy: 'run the server as root (sudo)',
  }
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // no /proc: then nothing is known to be allowed
  }
}
