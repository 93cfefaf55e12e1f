/**
 * What people call the machines of a table. An id ends in the machine's name, but for an EC2 instance, whose name is a tag
 * that the server knows; several of one name are told apart by their ids. Reads only.
 */
import type { Client } from './client.ts'
import { machinesById, shortName } from './directory.ts'
import type { Session } from './session.ts'

export type NameOf = (id: string) => string

const INSTANCE = /\/i-[0-9a-f]+$/i

/** Asked for a table alone, and once for each machine. Who may not read a machine sees the end of its id. */
export async function machineNames(
  { client, format }: Pick<Session, 'client' | 'format'>,
  ids: readonly string[],
): Promise<NameOf> {
  const instances = new Set(ids.map((id) => id.toLowerCase()).filter((id) => INSTANCE.test(id)))
  if (format !== 'table' || instances.size === 0) return shortName
  const names = await namesOf(client, instances)
  const shown = [...instances].flatMap((id) => names.get(id) ?? [])
  return (id) => {
    const name = names.get(id.toLowerCase())
    if (name === undefined) return shortName(id)
    const isAlone = shown.filter((other) => other === name).length < 2
    return isAlone ? name : `${name} (${shortName(id)})`
  }
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
