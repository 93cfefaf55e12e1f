/**
 * What people call the machines of a table. An id ends in the machine's name, but for an EC2 instance, whose name is a tag
 * that the server knows. Several of one name are told apart by where they are. Reads only.
 */
import { resourceGroupOf, subscriptionOf } from '../../contract/policy-place.ts'
import type { Client } from '../calls/client.ts'
import { machinesById, shortName } from '../names/directory.ts'
import type { Session } from '../session.ts'

export type NameOf = (id: string) => string

const INSTANCE = /\/i-[0-9a-f]+$/i

/** Asked for a table alone, and once for each machine. Who may not read a machine sees the end of its id. */
export async function machineNames(
  { client, format }: Pick<Session, 'client' | 'format'>,
  ids: readonly string[],
): Promise<NameOf> {
  if (format !== 'table') return shortName
  const known = await namesOf(client, new Set(ids.map((id) => id.toLowerCase()).filter((id) => INSTANCE.test(id))))
  return namesApart(ids.map((id) => ({ id, name: known.get(id.toLowerCase()) ?? shortName(id) })))
}

interface Called {
  readonly id: string
  readonly name: string
}

/** `web1`; of several the group too, `web1 (prod)`; and as much of the id as it takes. What is none of these: its id's end. */
export function namesApart(called: readonly Called[]): NameOf {
  const byId = new Map(called.map((one) => [one.id.toLowerCase(), one]))
  const byName = Map.groupBy(byId.values(), ({ name }) => name.toLowerCase())
  return (id) => {
    const one = byId.get(id.toLowerCase())
    if (one === undefined) return shortName(id)
    const others = (byName.get(one.name.toLowerCase()) ?? []).filter((other) => other !== one)
    const place = placesOf(one).find((text, depth) =>
      others.every((other) => !same(placesOf(other)[depth] ?? '', text)),
    )
    return others.length === 0 ? one.name : `${one.name} (${place ?? one.id})`
  }
}

/** From the shortest to the surest. */
function placesOf({ id, name }: Called): string[] {
  const [end, group] = [shortName(id), resourceGroupOf(id)]
  return [same(end, name) ? group : end, `${group}, subscription ${subscriptionOf(id).slice(0, 8)}`]
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

const KNOWN = new WeakMap<Client, Map<string, string>>()

async function namesOf(client: Client, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const known = KNOWN.get(client) ?? new Map<string, string>()
  KNOWN.set(client, known)
  const unknown = [...ids].filter((id) => !known.has(id))
  for (const { id, name } of await machinesById(client, unknown)) known.set(id.toLowerCase(), name)
  // Asked for once, whether it is there or not.
  for (const id of unknown) known.set(id, known.get(id) ?? shortName(id))
  return known
}
