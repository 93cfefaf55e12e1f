/**
 * Which port of a public address leads to which machine's port. Pure. What was given away stays the same for as long as
 * anybody has access; a port that is in use for something else is never given.
 */
import type { PortRange } from '../security-groups/port-range.ts'
import type { Reach, ReachKey } from '../access/reach.ts'
import { sha256 } from '../sha256.ts'

export interface PortChoice {
  /** Where the search begins is a function of it, so that the same port tends to come back. */
  readonly key: ReachKey
  readonly range: PortRange
  readonly isTaken: (port: number) => boolean
}

/** Undefined when the range is used up. */
export function chooseMappedPort({ key, range: { from, to }, isTaken }: PortChoice): number | undefined {
  const count = to - from + 1
  const start = Number.parseInt(sha256(key).slice(0, 8), 16)
  for (let step = 0; step < count; step += 1) {
    const port = from + ((start + step) % count)
    if (!isTaken(port)) return port
  }
  return undefined
}

export interface ReachesInput {
  /** What is on record, else what the kernel itself carries; of nobody who has no access any more. */
  readonly known: ReadonlyMap<ReachKey, Reach>
  readonly range: PortRange
  /** What else is at a port, of any of the addresses: a listener, a translation of others. */
  readonly isTaken: (port: number) => boolean
}

export interface Reaches {
  /** The one that it has, while that address is among these, else a new one at the first; undefined when none is left. */
  reachFor(key: ReachKey, addresses: readonly string[]): Reach | undefined
  readonly all: ReadonlyMap<ReachKey, Reach>
}

/** Has a life: what is given away while one plan is made. */
export function createReaches({ known, range, isTaken }: ReachesInput): Reaches {
  const all = new Map(known)
  const given = new Set([...all.values()].map(textOf))
  return {
    all,
    reachFor: (key, addresses) => {
      const standing = all.get(key)
      if (standing !== undefined && addresses.includes(standing.publicIpAddress)) return standing
      for (const publicIpAddress of addresses) {
        const isUsed = (port: number): boolean =>
          isTaken(port) || given.has(textOf({ publicIpAddress, mappedPort: port }))
        const mappedPort = chooseMappedPort({ key, range, isTaken: isUsed })
        if (mappedPort === undefined) continue
        const reach = { publicIpAddress, mappedPort }
        all.set(key, reach)
        given.add(textOf(reach))
        return reach
      }
      return undefined
    },
  }
}

function textOf({ publicIpAddress, mappedPort }: Reach): string {
  return `${publicIpAddress}:${mappedPort}`
}
