/**
 * Reads everybody's rules for the scan: a child process, so that a listing of thousands of rules neither holds up this
 * process nor can bring it down (nft 1.0.6 reads beyond an array when it lists a table with the `persist` flag as JSON).
 */
import { isObject, listAt, objectAt, textAt } from '../kernel/json.ts'
import { BASE_TABLE, TABLE } from '../nft-text.ts'
import { runNft } from '../kernel/process-engine.ts'
import { hasExtensions, withExtensionsRead } from './xt-text.ts'

/** `nft -j list ruleset` as parsed JSON, with the elements of every set that an input rule may name. */
export async function readForeignRuleset(command = 'nft'): Promise<unknown> {
  const told: unknown = JSON.parse(await runNft({ command, args: ['-p', '-t', '-j', 'list', 'ruleset'], input: '' }))
  const listing = hasExtensions(told)
    ? withExtensionsRead(told, await runNft({ command, args: ['-p', '-t', '-a', 'list', 'ruleset'], input: '' }))
    : told
  const items = await Promise.all(
    (listAt(listing, 'nftables') ?? []).map((item) => withElements(item, listing, command)),
  )
  return { nftables: items }
}

/** The terse listing leaves elements out: they are fetched for the sets that some rule looks a source or port up in. */
async function withElements(item: unknown, listing: unknown, command: string): Promise<unknown> {
  const set = objectAt(item, 'set')
  const [family, table, name] = ['family', 'table', 'name'].map((key) => textAt(set, key) ?? '')
  if (set === undefined || 'elem' in set || [TABLE, BASE_TABLE].some((ours) => ours === table)) return item
  if (!isPlainName(family) || !isPlainName(table) || !isPlainName(name) || !isUsed(listing, `@${name}`)) return item
  const output = await runNft({ command, args: ['-p', '-j', 'list', 'set', family, table, name], input: '' })
  const full: unknown = JSON.parse(output)
  return (listAt(full, 'nftables') ?? []).find((found) => objectAt(found, 'set') !== undefined) ?? item
}

/** A name that cannot be taken for an option or a second word; other sets stay unread and their rules unknown. */
function isPlainName(name: string | undefined): name is string {
  return name !== undefined && /^[A-Za-z_][\w-]*$/.test(name)
}

function isUsed(listing: unknown, reference: string): boolean {
  return (listAt(listing, 'nftables') ?? []).some((item) => {
    const statements = isObject(item) ? listAt(item['rule'], 'expr') : undefined
    return (statements ?? []).some((statement) => objectAt(statement, 'match')?.['right'] === reference)
  })
}
