/**
 * The nft text that is loaded at boot, before the network: every shield, no hole. It has a table of its own, so that the
 * driver can make or adopt its table by the owner flag, which a table loaded by `nft` can never get; the driver removes
 * the boot table in the transaction that puts its own in place.
 */
import type { Shield } from '../../domain/desired.ts'
import { managedKeys } from './element.ts'
import { BASE_TABLE, BASELINE_SETS, textOf } from './nft-text.ts'

/** For `nft -f`; safe to load again. Without shields it removes what an earlier boot may have loaded. */
export function baseTableText(shields: readonly Shield[]): string {
  const managed = [...new Set(shields.flatMap(({ ports }) => ports.flatMap(managedKeys)))].sort()
  const head = '# Written by Sallyport; loaded before the network. Edits are overwritten when a policy changes.\n'
  if (managed.length === 0) return `${head}add table inet ${BASE_TABLE}\ndelete table inet ${BASE_TABLE}\n`
  const structure = { sets: BASELINE_SETS, managed }
  const statement = { kind: 'structure' as const, structure, strays: { chains: [], sets: [] }, rebuild: false }
  return head + textOf([statement], { table: BASE_TABLE, declareTable: true })
}
