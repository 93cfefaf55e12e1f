/**
 * Expressions of Azure Resource Manager templates, as far as they can be computed without Azure: parameters, variables,
 * texts put together, resource ids. Anything else is refused by name, never guessed. Pure.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
 */
import { ok, quoted, refusal, refused, type Result } from '../../domain/refusal.ts'

/** Computed when it is asked for: what a policy does not use may be anything. */
export type Lazy = () => unknown

export interface ArmScope {
  readonly parameters: ReadonlyMap<string, Lazy>
  readonly variables: ReadonlyMap<string, Lazy>
  /** Where each loop around is, by its name; the innermost by no name too. */
  readonly loops: ReadonlyMap<string, number>
  readonly subscriptionId: string
  /** Undefined where nobody said which: then what needs it is refused. */
  readonly resourceGroup: string | undefined
  readonly location: string | undefined
}

/** Every text of a value, computed. A text in double brackets is the text in single ones. */
export function computed(value: unknown, scope: ArmScope): Result<unknown> {
  if (typeof value !== 'string') return ok(value)
  if (value.startsWith('[[')) return ok(value.slice(1))
  if (!value.startsWith('[') || !value.endsWith(']')) return ok(value)
  try {
    const tokens = tokensOf(value.slice(1, -1))
    const result = readValue(tokens, scope)
    if (tokens.length > 0) throw new Unknown(`'${tokens[0] ?? ''}' is not expected there`)
    return ok(result)
  } catch (error) {
    if (!(error instanceof Unknown)) throw error
    return refused(
      refusal('UnresolvedExpression', `the expression ${quoted(value)} cannot be computed here: ${error.message}`),
    )
  }
}

/** Thrown by what is {@link Lazy}, and told of the expression that asked. */
export class Unknown extends Error {}

export function looping(scope: ArmScope, name: string, index: number): ArmScope {
  return { ...scope, loops: new Map([...scope.loops, [name.toLowerCase(), index], ['', index]]) }
}

const TOKEN = /\s*('(?:[^']|'')*'|-?\d+|[A-Za-z_]\w*|[()[\],.])/y

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(text)?.[1]
    if (token === undefined) throw new Unknown(`'${text.slice(at)}' is not understood`)
    tokens.push(token)
  }
  return tokens
}

function readValue(tokens: string[], scope: ArmScope): unknown {
  const token = tokens.shift()
  if (token === undefined) throw new Unknown('it ends too early')
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'")
  if (/^-?\d/.test(token)) return Number(token)
  return readMembers(callFunction(token, readArguments(tokens, scope), scope), tokens, scope)
}

function readArguments(tokens: string[], scope: ArmScope): unknown[] {
  expect(tokens, '(')
  const values: unknown[] = []
  while (tokens[0] !== ')') {
    if (values.length > 0) expect(tokens, ',')
    values.push(readValue(tokens, scope))
  }
  expect(tokens, ')')
  return values
}

function readMembers(value: unknown, tokens: string[], scope: ArmScope): unknown {
  if (tokens[0] === '.') {
    tokens.shift()
    return readMembers(memberOf(value, tokens.shift() ?? ''), tokens, scope)
  }
  if (tokens[0] !== '[') return value
  tokens.shift()
  const member = memberOf(value, readValue(tokens, scope))
  expect(tokens, ']')
  return readMembers(member, tokens, scope)
}

function memberOf(value: unknown, name: unknown): unknown {
  const found: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, String(name))
      ? Reflect.get(value, String(name))
      : undefined
  if (found === undefined) throw new Unknown(`there is no member '${String(name)}'`)
  return found
}

function expect(tokens: string[], wanted: string): void {
  const token = tokens.shift()
  if (token !== wanted) throw new Unknown(`expected '${wanted}', got '${token ?? 'the end'}'`)
}

function callFunction(name: string, values: readonly unknown[], scope: ArmScope): unknown {
  const texts = values.map(String)
  const [first = ''] = texts
  switch (name.toLowerCase()) {
    case 'parameters':
      return known(scope.parameters, 'parameter', first)
    case 'variables':
      return known(scope.variables, 'variable', first)
    case 'concat':
      return values.every((value) => Array.isArray(value)) && values.length > 0 ? values.flat() : texts.join('')
    case 'format':
      return texts.slice(1).reduce((text, value, index) => text.replaceAll(`{${index}}`, value), first)
    case 'createarray':
      return values
    case 'tolower':
      return first.toLowerCase()
    case 'toupper':
      return first.toUpperCase()
    case 'copyindex':
      return indexOf(values, scope)
    case 'length':
      return lengthOf(values[0])
    case 'range':
      return Array.from({ length: Number(values[1]) }, (_, index) => Number(first) + index)
    case 'union':
      return unionOf(values)
    case 'resourceid':
      return resourceIdOf(texts, scope)
    case 'resourcegroup':
      return groupOf(scope)
    case 'subscription':
      return { subscriptionId: scope.subscriptionId, id: `/subscriptions/${scope.subscriptionId}` }
    default:
      throw new Unknown(`the function ${name} needs Azure, or is not known here`)
  }
}

/** Parameters and variables are written with regard to nobody's case. */
function known(values: ReadonlyMap<string, Lazy>, what: string, name: string): unknown {
  const found = values.get(name.toLowerCase())?.()
  if (found === undefined)
    throw new Unknown(`the ${what} '${name}' has no value; give one with --parameter ${name}=VALUE`)
  return found
}

/** `copyIndex()`, `copyIndex(offset)`, `copyIndex('loop', offset)`. */
function indexOf(values: readonly unknown[], { loops }: ArmScope): number {
  const [name, offset = 0] = typeof values[0] === 'string' ? [values[0], values[1]] : ['', values[0]]
  const index = loops.get(name.toLowerCase())
  if (index === undefined) throw new Unknown(`there is no loop '${name}' around`)
  return index + Number(offset)
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  throw new Unknown('length is known of a text or a list')
}

function unionOf(values: readonly unknown[]): unknown[] {
  if (!values.every((value) => Array.isArray(value))) throw new Unknown('union is known of lists')
  return [...new Set(values.flat())]
}

function groupOf({ subscriptionId, resourceGroup, location }: ArmScope): object {
  if (resourceGroup === undefined) throw new Unknown('no resource group is known; give one with --resource-group')
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`
  return { name: resourceGroup, id, ...(location === undefined ? {} : { location }) }
}

/** `resourceId([subscription], [group], 'Provider/type[/type]', name, …)`. */
function resourceIdOf(texts: readonly string[], scope: ArmScope): string {
  const at = texts.findIndex((text) => text.includes('/'))
  const [provider = '', ...types] = (texts[at] ?? '').split('/')
  const names = texts.slice(at + 1)
  if (at < 0 || names.length !== types.length)
    throw new Unknown('resourceId needs a type and a name for each of its parts')
  const group = at > 0 ? texts[at - 1] : scope.resourceGroup
  if (group === undefined) throw new Unknown('no resource group is known; give one with --resource-group')
  const subscription = at > 1 ? texts[at - 2] : scope.subscriptionId
  const path = types.map((type, index) => `/${type}/${names[index] ?? ''}`).join('')
  return `/subscriptions/${subscription ?? ''}/resourceGroups/${group}/providers/${provider}${path}`
}
