/** Shields and holes as the agents' wire has them (contract/agent.ts), and back. Pure. */
import type { HostDocument, WireHole, WireShield } from '../../contract/agent.ts'
import type { Shield } from '../../domain/access/desired.ts'
import { holeKey, slotOf, type Hole, type HoleKey, type Slot } from '../../domain/access/hole.ts'
import { formatSource, parseSource, type Source } from '../../domain/net.ts'
import { parseResourceId, resourceKey, type ResourceKey } from '../../domain/resource-id.ts'

export function wireFromHole({ machine, port, protocol, source, until, grants }: Hole): WireHole {
  return { machine, port, protocol, source: formatSource(source), until, grants: [...grants] }
}

export function wireFromShield({ machine, policy, ports, publicIpAddress }: Shield): WireShield {
  return { machine, policy, ports: [...ports], ...(publicIpAddress !== undefined && { publicIpAddress }) }
}

/** A hole that an agent tells of, with the names that it goes by here. */
export interface ToldHole {
  readonly key: HoleKey
  readonly slot: Slot
  readonly wire: WireHole
}

/** Throws for what no server ever sent: an agent that tells of it must not be believed. */
export function toldHole(wire: WireHole): ToldHole {
  const machine = machineOf(wire)
  const source = sourceOf(wire)
  return {
    key: holeKey(machine, wire.port, wire.protocol, source),
    slot: slotOf(machine, wire.port, source),
    wire,
  }
}

function machineOf({ machine }: WireHole): ResourceKey {
  const id = parseResourceId(machine)
  if (!id.ok) throw new Error(`the agent tells of a hole on '${machine}', which is not a resource id`)
  return resourceKey(id.value)
}

function sourceOf({ source }: WireHole): Source {
  const parsed = parseSource(source)
  if (!parsed.ok) throw new Error(`the agent tells of a hole for '${source}', which is not a source`)
  return parsed.value
}

/** Equal for shields that ask for the same, whatever their order. */
export function shieldText({ machine, policy, ports, publicIpAddress }: WireShield): string {
  const sorted = ports.map(({ number, protocol, onExpiry = 'keep' }) => `${number}/${protocol}/${onExpiry}`).toSorted()
  return `${machine.toLowerCase()}|${policy}|${publicIpAddress ?? ''}|${sorted.join(',')}`
}

export type Wants = Pick<HostDocument, 'shields' | 'holes'>
