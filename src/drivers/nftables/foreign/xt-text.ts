/**
 * What extensions of iptables in somebody's rules mean. nft's JSON only names them; its text says what they match, where it
 * can be said in nft's own words at all. Pure over both listings: each extension that is understood is replaced by the
 * condition that it stands for, every other stays, and stays unread.
 */
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../kernel/json.ts'

/** `nft -j list ruleset` with the extensions replaced; `text` is `nft -a list ruleset` of the same moment. */
export function withExtensionsRead(listing: unknown, text: string): unknown {
  const lines = rulesIn(text)
  const items = (listAt(listing, 'nftables') ?? []).map((item) => {
    const rule = objectAt(item, 'rule')
    const statements = listAt(rule, 'expr') ?? []
    if (rule === undefined || !statements.some(isMatchOfXt)) return item
    const line = lines.get(placeOf(rule))
    return line === undefined ? item : { rule: { ...rule, expr: statements.flatMap(reader(line)) } }
  })
  return { nftables: items }
}

function isMatchOfXt(statement: unknown): boolean {
  return textAt(objectAt(statement, 'xt'), 'type') === 'match'
}

/** A handle is one rule's within its table. */
function placeOf(rule: JsonObject): string {
  return `${String(rule['family'])} ${String(rule['table'])} ${String(rule['handle'])}`
}

function rulesIn(text: string): Map<string, string> {
  const lines = new Map<string, string>()
  let table = ''
  for (const line of text.split('\n')) {
    const opened = /^table (\S+) (\S+) \{/.exec(line)
    if (opened !== null) table = `${opened[1]} ${opened[2]}`
    const rule = /^\t\t(.*) # handle (\d+)$/.exec(line)
    if (rule !== null) lines.set(`${table} ${rule[2]}`, rule[1] ?? '')
  }
  return lines
}

/** Reads one rule's statements in turn: the second extension of a kind is the second such condition in the text. */
function reader(line: string): (statement: unknown) => readonly unknown[] {
  const seen = new Map<string, number>()
  return (statement) => {
    const name = isMatchOfXt(statement) ? textAt(objectAt(statement, 'xt'), 'name') : undefined
    const read = name === undefined ? undefined : READERS[name]
    if (name === undefined || read === undefined) return [statement]
    const nth = seen.get(name) ?? 0
    seen.set(name, nth + 1)
    const found = read(line)[nth]
    return found === undefined ? [statement] : found
  }
}

type Conditions = readonly (readonly unknown[])[]

/** Each condition of a kind in the text, in its order. */
const READERS: Readonly<Record<string, (line: string) => Conditions>> = {
  conntrack: (line) =>
    [...line.matchAll(/\bct state (!= )?(?:\{ ([\w, ]+) \}|([\w,]+))/g)].map(([, not, set, list]) =>
      condition({ ct: { key: 'state' } }, { not, values: namesIn(set ?? list ?? '') }),
    ),
  multiport: (line) =>
    [...line.matchAll(/\b(tcp|udp|sctp) dport (!= )?(?:\{ ([\d\-, ]+) \}|([\d-]+))/g)].map(
      ([, protocol, not, set, list]) =>
        condition(
          { payload: { protocol, field: 'dport' } },
          { not, values: namesIn(set ?? list ?? '').map(portsFrom) },
        ),
    ),
  addrtype: (line) =>
    [...line.matchAll(/\bfib (daddr|saddr) type (!= )?(\w+)/g)].map(([, flags, not, type]) =>
      condition({ fib: { result: 'type', flags } }, { not, values: [type] }),
    ),
  comment: () => [[], [], [], []],
}

function condition(
  left: JsonObject,
  { not, values }: { readonly not: string | undefined; readonly values: readonly unknown[] },
): readonly unknown[] {
  return [{ match: { op: not === undefined ? '==' : '!=', left, right: { set: values } } }]
}

function namesIn(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function portsFrom(text: string): unknown {
  const [from, to] = text.split('-').map(Number)
  return to === undefined ? from : { range: [from, to] }
}

/** True if some rule has what only the text tells. */
export function hasExtensions(listing: unknown): boolean {
  return (listAt(listing, 'nftables') ?? []).some((item) => {
    const rule = isObject(item) ? item['rule'] : undefined
    return (listAt(rule, 'expr') ?? []).some(isMatchOfXt)
  })
}
