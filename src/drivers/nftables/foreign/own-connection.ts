/**
 * Whether protecting some ports could shut out the very person who asks for it. Pure over the connections that live.
 * The connection itself goes on; it is the next sign-in that a person without a grant would not get.
 */
import type { CallerPlace } from '../../../app/ports/caller.ts'
import type { ProtectedPort } from '../../../domain/access/desired.ts'
import { formatIpPrefix, parseIpPrefix } from '../../../domain/net.ts'
import { refusal, withFacts, type Refusal } from '../../../domain/refusal.ts'
import { resourceName, type ResourceId, type ResourceKey } from '../../../domain/resource-id.ts'
import { managedKey, managedKeys, type ManagedKey } from '../element.ts'
import type { Session } from '../operation.ts'
import { isLoopback } from '../kernel/sessions.ts'

export interface CutInput {
  /** Whose ports they are. */
  readonly machine: ResourceKey
  readonly ports: readonly ProtectedPort[]
  readonly caller: CallerPlace
  readonly sessions: readonly Session[]
  /** Ports that are protected already: nothing changes for them. */
  readonly managed: ReadonlySet<ManagedKey>
}

/** One for each port, however many connections a person has there. */
export function cutConnections({ machine, ports, caller, sessions, managed }: CutInput): Refusal[] {
  const closing = new Set(ports.flatMap(managedKeys).filter((key) => !managed.has(key)))
  const cut = sessions.filter(
    (session) => closing.has(managedKey(6, session.localPort)) && !isLoopback(session) && isCallers(session, caller),
  )
  return [...Map.groupBy(cut, ({ localPort }) => localPort).values()].flatMap(([first]) =>
    first === undefined ? [] : [refusalFor(machine, first)],
  )
}

function isCallers(session: Session, { address, shell }: CallerPlace): boolean {
  const peer = formatIpPrefix(session.peer)
  return (
    peer === canonical(address) ||
    (shell !== undefined && peer === canonical(shell.address) && session.peerPort === shell.port)
  )
}

function canonical(address: string): string | undefined {
  const parsed = parseIpPrefix(address)
  return parsed.ok ? formatIpPrefix(parsed.value) : undefined
}

function refusalFor(machine: ResourceKey, { localPort, peer, peerPort }: Session): Refusal {
  const name = resourceName(machine as string as ResourceId) // a key is an id too
  const reason = refusal(
    'WouldCutYourOwnConnection',
    `port ${localPort} of ${name} carries your own live connection from ${formatIpPrefix(peer)}, port ${peerPort}; once it is protected you cannot connect again without a grant. Use force to protect it all the same`,
  )
  return withFacts(reason, { machine: name, port: localPort, peer: formatIpPrefix(peer) })
}
