/**
 * The part of the Kusto query language that inventory queries use: `where`, `project`, `extend`, `mv-expand`, `order by`,
 * `take`, and a few functions. Anything else is refused loudly, so that no query is answered by a guess.
 * Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language
 */
import { ArmError, isJson, type Json } from './wire.ts'

export type Row = Json
type Value = (row: Row) => unknown

/** Runs the operators after the table's name, in order. */
export function runQuery(text: string, table: (name: string) => readonly Row[]): Row[] {
  const [name = '', ...operators] = text
    .replaceAll(/\/\/[^\n]*/g, '')
    .split('|')
    .map((part) => part.trim())
  return operators.reduce<Row[]>((rows, operator) => applyOperator(operator, rows), [...table(name)])
}

function applyOperator(operator: string, rows: Row[]): Row[] {
  const [, verb = '', rest = ''] = /^(order by|sort by|mv-expand|\w+)\s*([^]*)$/i.exec(operator) ?? []
  const reader = new Reader(rest.replace(/\s+limit\s+\d+$/i, ''))
  switch (verb.toLowerCase()) {
    case 'where': {
      const test = reader.whole((one) => one.either())
      return rows.filter((row) => test(row) === true)
    }
    case 'project': {
      const columns = reader.whole((one) => one.columns())
      return rows.map((row) => Object.fromEntries(columns.map(([name, value]) => [name, value(row) ?? null])))
    }
    case 'extend': {
      const columns = reader.whole((one) => one.columns())
      return rows.map((row) => ({ ...row, ...Object.fromEntries(columns.map(([name, value]) => [name, value(row)])) }))
    }
    case 'mv-expand':
      return expanded(
        rows,
        reader.whole((one) => one.columns()),
      )
    case 'order by':
    case 'sort by':
      return ordered(
        rows,
        reader.whole((one) => one.keys()),
      )
    case 'take':
    case 'limit':
      return rows.slice(0, Number(rest))
    default:
      throw refused(operator)
  }
}

/** A row without an item stays, once, without the column. */
function expanded(rows: readonly Row[], columns: readonly (readonly [string, Value])[]): Row[] {
  return columns
    .reduce<readonly Row[]>(
      (all, [name, value]) =>
        all.flatMap((row) => {
          const items = value(row)
          return Array.isArray(items) && items.length > 0
            ? items.map((item: unknown) => ({ ...row, [name]: item }))
            : [{ ...row, [name]: null }]
        }),
      rows,
    )
    .slice()
}

interface Key {
  readonly value: Value
  readonly sign: 1 | -1
}

function ordered(rows: readonly Row[], keys: readonly Key[]): Row[] {
  return rows.toSorted((a, b) => {
    for (const { value, sign } of keys) {
      const [one, other] = [textOf(value(a)), textOf(value(b))]
      if (one !== other) return one < other ? -sign : sign
    }
    return 0
  })
}

const TOKEN = /\s*('[^']*'|"[^"]*"|\d+|[A-Za-z_]\w*|=~|!~|==|!=|<=|>=|!in~|!in|in~|[()[\],.=<>])/y

/** Has a life: where it is in the text. Each method reads one thing and moves on. */
class Reader {
  readonly #tokens: string[] = []
  #at = 0

  constructor(text: string) {
    const all = new RegExp(TOKEN)
    while (all.lastIndex < text.trimEnd().length) {
      const from = all.lastIndex
      const token = all.exec(text)?.[1]
      if (token === undefined) throw refused(text.slice(from))
      // `in~` is one word for Kusto and two for the pattern above.
      const isIn = token.toLowerCase() === 'in' && text[all.lastIndex] === '~'
      if (isIn) all.lastIndex += 1
      this.#tokens.push(isIn ? 'in~' : token)
    }
  }

  /** All of the text, or a refusal. */
  whole<T>(read: (reader: Reader) => T): T {
    const result = read(this)
    if (this.#at < this.#tokens.length) throw refused(this.#tokens.slice(this.#at).join(' '))
    return result
  }

  columns(): [string, Value][] {
    return this.#separated(() => {
      const start = this.#at
      const name = this.#next()
      if (this.#take('=')) return [name, this.either()]
      this.#at = start
      const value = this.either()
      return [this.#tokens[this.#at - 1] ?? name, value]
    })
  }

  keys(): Key[] {
    return this.#separated(() => {
      const value = this.either()
      if (this.#take('asc')) return { value, sign: 1 }
      this.#take('desc')
      return { value, sign: -1 }
    })
  }

  either(): Value {
    const first = this.#both()
    if (!this.#take('or')) return first
    const second = this.either()
    return (row) => first(row) === true || second(row) === true
  }

  #both(): Value {
    const first = this.#comparison()
    if (!this.#take('and')) return first
    const second = this.#both()
    return (row) => first(row) === true && second(row) === true
  }

  #comparison(): Value {
    const left = this.#term()
    const operator = this.#peek()?.toLowerCase() ?? ''
    const isFolding = operator.includes('~')
    const fold = (value: unknown): string => (isFolding ? textOf(value).toLowerCase() : textOf(value))
    switch (operator) {
      case '==':
      case '=~':
      case '!=':
      case '!~': {
        this.#next()
        const right = this.#term()
        return (row) => (fold(left(row)) === fold(right(row))) !== operator.startsWith('!')
      }
      case 'in':
      case 'in~': {
        this.#next()
        const options = this.#list()
        return (row) => options.some((option) => fold(option(row)) === fold(left(row)))
      }
      default:
        return left
    }
  }

  #term(): Value {
    const token = this.#next()
    if (token === '(') {
      const inner = this.either()
      this.#expect(')')
      return inner
    }
    if (/^['"]/.test(token)) return () => token.slice(1, -1)
    if (/^\d+$/.test(token)) return () => Number(token)
    if (/^(?:true|false)$/i.test(token)) return () => token.toLowerCase() === 'true'
    if (this.#peek() === '(') return call(token, this.#list())
    return this.#path(token)
  }

  #path(first: string): Value {
    const names = [first]
    for (;;) {
      if (this.#take('.')) names.push(this.#next())
      else if (this.#take('[')) {
        names.push(this.#next().replaceAll(/['"]/g, ''))
        this.#expect(']')
      } else return (row) => names.reduce<unknown>(memberOf, row)
    }
  }

  #list(): Value[] {
    this.#expect('(')
    if (this.#take(')')) return []
    const values = this.#separated(() => this.either())
    this.#expect(')')
    return values
  }

  #separated<T>(read: () => T): T[] {
    const all = [read()]
    while (this.#take(',')) all.push(read())
    return all
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at]
  }

  #next(): string {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw refused('the end of the query')
    this.#at += 1
    return token
  }

  #take(token: string): boolean {
    if (this.#peek()?.toLowerCase() !== token) return false
    this.#at += 1
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw refused(`${this.#peek() ?? 'the end'} where ${token} belongs`)
  }
}

function call(name: string, values: readonly Value[]): Value {
  const at = (index: number): Value => values[index] ?? (() => undefined)
  const first = at(0)
  switch (name.toLowerCase()) {
    case 'tostring':
      return (row) => textOf(first(row))
    case 'tolower':
      return (row) => textOf(first(row)).toLowerCase()
    case 'toint':
      return (row) => Number(textOf(first(row)))
    case 'tobool':
      return (row) => (isMissing(first(row)) ? null : textOf(first(row)).toLowerCase() === 'true')
    case 'isnull':
      return (row) => isMissing(first(row))
    case 'isnotnull':
      return (row) => !isMissing(first(row))
    case 'isempty':
      return (row) => textOf(first(row)) === ''
    case 'isnotempty':
      return (row) => textOf(first(row)) !== ''
    case 'array_length':
      return (row) => listOf(first(row)).length
    case 'pack_array':
      return (row) => values.map((value) => value(row))
    case 'iff':
      return (row) => (first(row) === true ? at(1)(row) : at(2)(row))
    case 'coalesce':
      return (row) => values.map((value) => value(row)).find((value) => textOf(value) !== '')
    default:
      throw refused(`${name}()`)
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)]
  return isJson(value) ? value[name] : undefined
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  if (isMissing(value)) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function refused(text: string): ArmError {
  const detail = {
    code: 'InvalidQuery',
    message: `Query is invalid. The double does not know '${text.trim()}'; teach it in test/arm-double/kql.ts.`,
  }
  return new ArmError(400, {
    code: 'BadRequest',
    message: 'Please provide below info when asking for support.',
    details: [detail],
  })
}
