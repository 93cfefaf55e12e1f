/**
 * What decides over packets beside nftables and cannot be read: the old iptables, and programs that the kernel runs before any
 * firewall (XDP). Neither can undo a drop of ours on this host; either may drop what we let in. Programs at `tc` are not
 * looked at.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { tellStep, type ToldStep } from '../../../domain/access/step.ts'
import { refusal, withFacts, type Refusal } from '../../../domain/refusal.ts'
import { objectAt, textAt } from '../kernel/json.ts'
import { readLegacyTables } from './legacy-tables.ts'

export interface Beside {
  /** Tables of the old iptables that do something. */
  readonly legacyTables: readonly string[]
  /** Interfaces at which a program sees every packet first. */
  readonly inFront: readonly string[]
}

export const NOTHING_BESIDE: Beside = { legacyTables: [], inFront: [] }

export async function readBeside(): Promise<Beside> {
  const [legacyTables, inFront] = await Promise.all([readLegacyTables(), readInFront()])
  return { legacyTables, inFront }
}

/** Without iproute2 nobody knows; the probe of a host says that it is missing. */
async function readInFront(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ip', ['-j', 'link', 'show']).catch(() => ({ stdout: '[]' }))
  return inFrontOf(JSON.parse(stdout === '' ? '[]' : stdout))
}

/** Of `ip -j link show`. */
export function inFrontOf(links: unknown): string[] {
  if (!Array.isArray(links)) return []
  return links.flatMap((link: unknown) =>
    objectAt(link, 'xdp') === undefined ? [] : [textAt(link, 'ifname') ?? 'an interface'],
  )
}

/** Why nobody can tell who gets in; empty when nothing stands beside. */
export function unreadBeside({ legacyTables, inFront }: Beside): Refusal[] {
  return [
    ...(legacyTables.length === 0 ? [] : [unreadLegacy(legacyTables.join(', '))]),
    ...(inFront.length === 0 ? [] : [unreadInFront(inFront.join(', '))]),
  ]
}

function unreadLegacy(tables: string): Refusal {
  const message = `rules of the old iptables (${tables}) decide here beside nftables and cannot be read, so who gets in cannot be told; a policy closes its ports all the same, but what those rules drop stays dropped, also where access was granted`
  return withFacts(refusal('LegacyIptables', message), { tables })
}

function unreadInFront(interfaces: string): Refusal {
  const message = `a program at ${interfaces} (XDP) sees packets before any firewall of this host and cannot be read, so who gets in cannot be told; a policy closes the ports of this host all the same, but what that program drops stays dropped, also where access was granted, and from a gateway it may lead packets past the firewall`
  return withFacts(refusal('FilterInFront', message), { interfaces })
}

/** What somebody should know before a port is protected here. */
export function warningsBeside({ legacyTables, inFront }: Beside): ToldStep[] {
  return [
    ...(legacyTables.length === 0 ? [] : [tellStep('LegacyBeside', { tables: legacyTables.join(', ') })]),
    ...(inFront.length === 0 ? [] : [tellStep('FilterInFront', { interfaces: inFront.join(', ') })]),
  ]
}
