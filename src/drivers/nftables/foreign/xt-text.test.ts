import { expect, it } from 'vitest'
import { scanForeign } from './foreign.ts'
import { withExtensionsRead } from './xt-text.ts'

/** As nft 1.0.6 lists a rule of iptables-nft 1.8.9. */
function aRule(expr: readonly unknown[], text: string): unknown {
  const place = { family: 'ip', table: 'filter' }
  const listing = {
    nftables: [
      { chain: { ...place, name: 'INPUT', type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
      { rule: { ...place, chain: 'INPUT', handle: 7, expr } },
    ],
  }
  const listed = `table ip filter { # handle 1\n\tchain INPUT { # handle 1\n\t\ttype filter hook input priority filter; policy drop;\n\t\t${text} # handle 7\n\t}\n}\n`
  return withExtensionsRead(listing, listed)
}

const xt = (name: string): unknown => ({ xt: { type: 'match', name } })
const accept = { accept: null }

it('an accept for connections that are there already lets nobody in', () => {
  const listing = aRule([xt('conntrack'), accept], 'ct state related,established counter packets 0 bytes 0 accept')
  expect(scanForeign(listing)).toMatchObject({ accepts: [], unknown: [] })
})

it('several ports are read', () => {
  const listing = aRule(
    [xt('multiport'), accept],
    'meta l4proto tcp tcp dport { 22, 8000-8100 } counter packets 0 bytes 0 accept',
  )
  expect(scanForeign(listing).accepts[0]?.match.ports).toEqual([
    { from: 22, to: 22 },
    { from: 8000, to: 8100 },
  ])
})

it('what is for the host’s own addresses is for everybody who reaches it', () => {
  expect(scanForeign(aRule([xt('addrtype'), accept], 'fib daddr type local accept')).accepts).toHaveLength(1)
  expect(scanForeign(aRule([xt('addrtype'), accept], 'fib daddr type broadcast accept')).accepts).toEqual([])
})

it.each([
  ['an extension that is not known', [xt('recent'), accept], 'xt match "recent" accept'],
  ['a condition the other way round', [xt('conntrack'), accept], 'ct state != new accept'],
  ['a text that says nothing of it', [xt('multiport'), accept], 'accept'],
])('%s stays unread, and counts as open', (_title, expr, text) => {
  expect(scanForeign(aRule(expr, text)).unknown).toHaveLength(1)
})
