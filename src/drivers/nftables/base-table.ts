/**
 * The nft text that is loaded at boot, before the network: every shield, no hole. It has a table of its own, so that the
 * driver can make or adopt its table by the owner flag, which a table loaded by `nft` can never get; the driver removes
 * the boot table in the transaction that puts its own in place.
 */
import type { Shield } from '../../domain/access/desired.ts'
import type { Gateway } from '../../domain/hosts/gateway.ts'
import { resourceKey } from '../../domain/resource-id.ts'
import { managedKeys } from './element.ts'
import { formOf } from './judge.ts'
import { BASE_TABLE, baselineSets, textOf } from './nft-text.ts'
import { keysOf } from './gateway/shields-behind.ts'

/** For `nft -f`; safe to load again. Without shields it removes what an earlier boot may have loaded. */
export function baseTableText(shields: readonly Shield[], gateway?: Gateway): string {
  const own = shields.filter(({ machine }) => gateway?.machines.has(resourceKey(machine)) !== true)
  const managed = [...new Set(own.flatMap(({ ports }) => ports.flatMap(managedKeys)))].sort()
  const behind = gateway === undefined ? [] : [...new Set(shields.flatMap((shield) => keysOf(shield, gateway)))].sort()
  const head = '# Written by Sallyport; loaded before the network. Edits are overwritten when a policy changes.\n'
  if (managed.length + behind.length === 0)
    return `${head}add table inet ${BASE_TABLE}\ndelete table inet ${BASE_TABLE}\n`
  const form = formOf(gateway)
  const structure = { sets: baselineSets(form), managed, gateway: form, behind }
  const statement = { kind: 'structure' as const, structure, strays: { chains: [], sets: [] }, rebuild: false }
  return head + textOf([statement], { table: BASE_TABLE, declareTable: true })
}
