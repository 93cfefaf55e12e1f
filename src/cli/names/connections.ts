/** Connections to clouds as the command line reads and shows them. */
import type { WireConnection, WireConnectionCheck } from '../../contract/connection.ts'
import { MINUTE } from '../../domain/time.ts'
import { asPage, having, type Reader } from '../calls/answers.ts'
import type { Client } from '../calls/client.ts'
import type { Colour } from '../show/colour.ts'
import type { Column } from '../show/output.ts'
import { formatWireTime } from '../times.ts'

const CONNECTIONS = '/api/v1/connections'

/** A large cloud is read in minutes; whoever does not wait loses nothing. */
export const READING_PATIENCE = 11 * MINUTE

export const asConnection: Reader<WireConnection> = (body) =>
  having(body, 'id', 'settings', 'inventory') as WireConnection // as the contract promises
export const asConnectionCheck: Reader<WireConnectionCheck> = (body) =>
  having(body, 'name', 'scope', 'status') as WireConnectionCheck // as above

export function connectionPath(name: string): string {
  return `${CONNECTIONS}/${name}`
}

export async function allConnections(client: Client): Promise<WireConnection[]> {
  return asPage((await client.call({ path: CONNECTIONS })).body).value.map(asConnection)
}

const COLOURS: Readonly<Record<WireConnection['inventory']['state'], Colour>> = {
  fresh: 'green',
  unread: 'yellow',
  stale: 'red',
}

export const CONNECTION_COLUMNS: readonly Column<WireConnection>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'CLOUD', text: ({ kind }) => kind },
  { title: 'REACHES', text: placesText },
  { title: 'MACHINES', text: ({ inventory }) => String(inventory.machines) },
  { title: 'INVENTORY', text: ({ inventory }) => inventory.state, colour: ({ inventory }) => COLOURS[inventory.state] },
  {
    title: 'READ',
    text: ({ inventory }, view) => (inventory.readAt === undefined ? '' : formatWireTime(inventory.readAt, view)),
    raw: ({ inventory }) => inventory.readAt ?? '',
  },
  { title: 'PROBLEM', text: ({ inventory }) => inventory.problem ?? '' },
]

function placesText({ settings }: WireConnection): string {
  if (settings.kind === 'azure') return settings.subscriptions.join(', ')
  const accounts = settings.accounts.map(({ account }) => account)
  return `${accounts.length === 0 ? 'own account' : accounts.join(', ')} in ${settings.regions.join(', ')}`
}
