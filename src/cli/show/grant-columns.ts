/** How grants are shown in tables. */
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { parseInstant } from '../../domain/time.ts'
import type { Colour } from './colour.ts'
import { shortName } from '../names/directory.ts'
import type { NameOf } from './machine-names.ts'
import type { Column } from './output.ts'
import { formatEnd, formatWireTime, type TimeView } from '../times.ts'

const COLOURS: Readonly<Record<WireGrant['state'], Colour>> = {
  awaiting: 'yellow',
  opening: 'yellow',
  open: 'green',
  closing: 'yellow',
  closed: 'grey',
  failed: 'red',
}

export const LIVE: ReadonlySet<WireGrant['state']> = new Set(['awaiting', 'opening', 'open', 'closing'])

/** `22/TCP`; a port for every protocol is just `22`. */
export function portText(port: number, protocol: string): string {
  return protocol === '*' ? String(port) : `${port}/${protocol}`
}

export function sourcesText(sources: readonly string[]): string {
  return sources.map((source) => (source === '*' ? 'anywhere' : source)).join(', ')
}

export function machinesOf(requests: readonly WireRequest[]): string[] {
  return requests.flatMap(({ grants }) => grants.map(({ machine }) => machine))
}

export function grantColumns(now: number, nameOf: NameOf = shortName): Column<WireGrant>[] {
  return [
    { title: 'MACHINE', text: ({ machine }) => nameOf(machine), raw: ({ machine }) => machine },
    { title: 'PORT', text: ({ port, protocol }) => portText(port, protocol) },
    { title: 'FROM', text: ({ sources }) => sourcesText(sources), raw: ({ sources }) => sources.join(',') },
    { title: 'STATE', text: stateText, raw: ({ state }) => state, colour: ({ state }) => COLOURS[state] },
    { title: 'UNTIL', text: (grant, view) => untilText(grant, now, view), raw: ({ until }) => until },
  ]
}

/** Where to connect, where that is not the machine itself: a firewall or a gateway maps the port. */
export function reachColumns(grants: readonly WireGrant[]): Column<WireGrant>[] {
  return grants.some(({ mappedPort }) => mappedPort !== undefined) ? [{ title: 'AT', text: reachText }] : []
}

function reachText({ publicIpAddress: address = '', mappedPort }: WireGrant): string {
  if (mappedPort === undefined) return ''
  return `${address.includes(':') ? `[${address}]` : address}:${mappedPort}`
}

function stateText({ state, reason, detail }: WireGrant): string {
  if (state === 'failed') return detail === undefined ? 'failed' : `failed: ${detail}`
  if (state === 'closed') return reason === 'Expired' ? 'closed (expired)' : 'closed (early)'
  return state
}

function untilText({ until, state }: WireGrant, now: number, view: TimeView): string {
  const instant = parseInstant(until)
  return instant.ok && LIVE.has(state) ? formatEnd(instant.value, now, view) : formatWireTime(until, view)
}
