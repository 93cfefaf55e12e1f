/**
 * The part of the Kusto query language that inventory queries use: `where` with `and`, comparisons, `in~`, `isnotempty`;
 * `project`, `extend`, `order by`, `take`. Anything else is refused loudly, so that no query is answered by a guess.
 */
import { ArmError, isJson, type Json } from './wire.ts'

export type Row = Json

/** Runs the operators after the table's name, in order. */
export function runQuery(text: string, table: (name: string) => readonly Row[]): Row[] {
  const clean = text.replaceAll(/\/\/[^\n]*/g, '').trim()
  const [name = '', ...operators] = clean.split('|').map((part) => part.trim().replaceAll(/\s+/g, ' '))
  return operators.reduce<Row[]>((rows, operator) => applyOperator(operator, rows), [...table(name)])
}

function applyOperator(operator: string, rows: Row[]): Row[] {
  const [, verb = '', rest = ''] = /^(order by|sort by|\w+) ?(.*)$/i.exec(operator) ?? []
  switch (verb.toLowerCase()) {
    case 'where': {
      const tests = rest.split(/ and /i).map(parseTest)
      return rows.filter((row) => tests.every((test) => test(row)))
    }
    case 'project':
      return rows.map((row) => Object.fromEntries(columnsOf(rest).map(([name, value]) => [name, value(row)])))
    case 'extend':
      return rows.map((row) => ({
        ...row,
        ...Object.fromEntries(columnsOf(rest).map(([name, value]) => [name, value(row)])),
      }))
    case 'order by':
    case 'sort by':
      return ordered(rows, rest)
    case 'take':
    case 'limit':
      return rows.slice(0, Number(rest))
    default:
      throw refused(operator)
  }
}

type Test = (row: Row) => boolean
type Value = (row: Row) => unknown

function parseTest(text: string): Test {
  const bare = /^\((.*)\)$/.exec(text.trim())?.[1] ?? text.trim()
  if (/ or /i.test(bare)) {
    const tests = bare.split(/ or /i).map(parseTest)
    return (row) => tests.some((test) => test(row))
  }
  const [, negation = '', member] = /^is(not)?empty\(([^()]+(?:\([^()]*\))?)\)$/i.exec(bare) ?? []
  if (member !== undefined) {
    const value = parseValue(member)
    return (row) => isEmpty(value(row)) === (negation === '')
  }
  const [, left = '', operator = '', right = ''] = /^(.+?) ?(=~|!~|==|!=|!in~|in~|!in|in) ?(.+)$/i.exec(bare) ?? []
  if (operator === '') throw refused(text)
  const value = parseValue(left)
  const literals = literalsIn(right)
  const fold = operator.includes('~') ? (one: unknown) => textOf(one).toLowerCase() : textOf
  const isNegated = operator.startsWith('!')
  return (row) => literals.some((literal) => fold(literal) === fold(value(row))) !== isNegated
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function literalsIn(text: string): string[] {
  const found = [...text.matchAll(/'([^']*)'|"([^"]*)"|\b(true|false|\d+)\b/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
  if (found.length === 0) throw refused(text)
  return found
}

/** `a, b = properties.c`; commas inside parentheses do not part columns. */
function columnsOf(text: string): [string, Value][] {
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim())
  return parts.map((part) => {
    const [, name = part, expression = part] = /^(\w+) ?= ?(.+)$/.exec(part) ?? []
    return [name.split('.').at(-1) ?? name, parseValue(expression)]
  })
}

/** A path, perhaps inside tostring(), tolower() or the like. */
function parseValue(text: string): Value {
  const trimmed = text.trim()
  const [, name, inner] = /^(tostring|tolower|toint|tobool)\((.+)\)$/i.exec(trimmed) ?? []
  if (name !== undefined && inner !== undefined) {
    const value = parseValue(inner)
    return (row) => converted(name.toLowerCase(), value(row))
  }
  if (!/^[\w.[\]$'"]+$/.test(trimmed)) throw refused(text)
  const path = trimmed.replaceAll(/\[['"]?(\w+)['"]?\]/g, '.$1').split('.')
  return (row) => path.reduce<unknown>(memberOf, row)
}

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)]
  return isJson(value) ? value[name] : undefined
}

function converted(name: string, value: unknown): unknown {
  const text = textOf(value)
  if (name === 'tolower') return text.toLowerCase()
  if (name === 'toint') return Number(text)
  return name === 'tobool' ? text === 'true' : text
}

function ordered(rows: readonly Row[], text: string): Row[] {
  const keys = text.split(',').map((part) => {
    const [, expression = '', direction = 'desc'] = /^(.+?)(?: (asc|desc))?$/i.exec(part.trim()) ?? []
    return { value: parseValue(expression), sign: direction.toLowerCase() === 'asc' ? 1 : -1 }
  })
  return rows.toSorted((a, b) => {
    for (const { value, sign } of keys) {
      const [one, other] = [textOf(value(a)), textOf(value(b))]
      if (one !== other) return one < other ? -sign : sign
    }
    return 0
  })
}

function refused(text: string): ArmError {
  const detail = {
    code: 'InvalidQuery',
    message: `Query is invalid. The double does not know '${text}'; teach it in test/arm-double/kql.ts.`,
  }
  return new ArmError(400, {
    code: 'BadRequest',
    message: 'Please provide below info when asking for support.',
    details: [detail],
  })
}
