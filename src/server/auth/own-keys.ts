/** The keys of the installation's own issuer: read without HTTP, imported once for as long as they stay the same. */
import { createLocalJWKSet, type JSONWebKeySet } from 'jose'
import type { FindKey } from './issuer-keys.ts'

export function ownKeys(read: () => Promise<JSONWebKeySet>): FindKey {
  const imported = new WeakMap<JSONWebKeySet, FindKey>()
  return async (header, token) => {
    const keys = await read()
    const find = imported.get(keys) ?? createLocalJWKSet(keys)
    imported.set(keys, find)
    return find(header, token)
  }
}
