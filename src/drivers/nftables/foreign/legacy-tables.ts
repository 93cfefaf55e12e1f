/**
 * The tables of the old iptables, which nft does not list: those that do something. A table is there as soon as somebody
 * looked at it; one without a rule that lets everything pass is nothing to speak of. Reads only.
 */
import { readFile } from 'node:fs/promises'
import { closeDescriptor, openSocketOf, readOption } from '../kernel/libc.ts'

/** linux/netfilter_ipv4/ip_tables.h and its like for IPv6: the same numbers, at another level. */
const FAMILIES = [
  { names: '/proc/net/ip_tables_names', domain: 2, level: 0, entry: 112 },
  { names: '/proc/net/ip6_tables_names', domain: 10, level: 41, entry: 168 },
] as const

type Family = (typeof FAMILIES)[number]

/** By their names, each once. Empty where the old iptables is not in use. */
export async function readLegacyTables(): Promise<string[]> {
  const found = await Promise.all(
    FAMILIES.map(async (family) => {
      const text = await readFile(family.names, 'utf8').catch(() => '')
      return text.split('\n').filter((name) => name !== '' && doesSomething(name, family))
    }),
  )
  return [...new Set(found.flat())]
}

/** What cannot be looked into is taken to do something. */
function doesSomething(name: string, family: Family): boolean {
  try {
    return !isAsLoaded(name, family)
  } catch {
    return true
  }
}

const GET_INFO = 64
const GET_ENTRIES = 65
/** struct ipt_getinfo: name, hooks, where each begins, where the policy of each is, how many rules, how many bytes. */
const INFO = { size: 84, hooks: 32, policies: 56, entries: 76, bytes: 80 } as const
const HOOKS = 5
/** struct ipt_get_entries: a name, a size, and then the rules. */
const ENTRIES = { size: 32, first: 40 } as const
/** In an entry, where its target is; in a target, after its head, the verdict. */
const TARGET_HEAD = 32
const ACCEPT = -2

/** A policy for each hook and the mark at the end, and every policy is to accept. */
function isAsLoaded(name: string, { domain, level, entry }: Family): boolean {
  const socket = openSocketOf(domain)
  try {
    const info = named(name, INFO.size)
    readOption(socket, { level, name: GET_INFO, value: info })
    const hooks = Array.from({ length: HOOKS }, (_, hook) => hook).filter(
      (hook) => (info.readUInt32LE(INFO.hooks) >> hook) & 1,
    )
    if (info.readUInt32LE(INFO.entries) !== hooks.length + 1) return false
    const bytes = info.readUInt32LE(INFO.bytes)
    const entries = named(name, ENTRIES.first + bytes)
    entries.writeUInt32LE(bytes, ENTRIES.size)
    readOption(socket, { level, name: GET_ENTRIES, value: entries })
    return hooks.every((hook) => {
      const at = ENTRIES.first + info.readUInt32LE(INFO.policies + hook * 4)
      // A policy has no conditions: its target follows at once.
      return entries.readInt32LE(at + entry + TARGET_HEAD) === ACCEPT
    })
  } finally {
    closeDescriptor(socket)
  }
}

function named(name: string, size: number): Buffer {
  const buffer = Buffer.alloc(size)
  buffer.write(name, 0, 31, 'latin1')
  return buffer
}
