/** The secret of a connection, sealed to its place: one that is moved to another connection does not open. */
import type { OpenConnection, SecretBox } from '../ports/clouds.ts'
import type { StoredConnection } from '../ports/connection-record.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

export function sealSecret(box: SecretBox, key: ResourceKey, secret: string): string {
  return box.seal(secret, purposeOf(key))
}

/** Throws when the secret was sealed by another key. */
export function openConnection(box: SecretBox, { sealedSecret, ...connection }: StoredConnection): OpenConnection {
  if (sealedSecret === undefined) return connection
  return { ...connection, secret: box.open(sealedSecret, purposeOf(connection.key)) }
}

function purposeOf(key: ResourceKey): string {
  return `connection:${key}`
}
