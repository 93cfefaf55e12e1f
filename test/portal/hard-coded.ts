/** Finds texts that a component writes itself, instead of taking them from its messages in three languages. */
import { parseSync } from 'oxc-parser'

/** Attributes that people read or hear. */
const READ = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-roledescription',
  'aria-valuetext',
  'content',
  'deed',
  'hint',
  'label',
  'placeholder',
  'subtitle',
  'summary',
  'text',
  'title',
  'validationMessage',
])

/** Names are the same in every language. */
const NAMES = new Set(['Sallyport'])

interface Node {
  readonly type: string
  readonly [member: string]: unknown
}

/** Each as it stands in the source. */
export function hardCodedIn(source: string): string[] {
  const { program, errors } = parseSync('component.tsx', source)
  if (errors.length > 0) throw new Error(`the source cannot be read: ${errors[0]?.message}`)
  const found: string[] = []
  look(program, found)
  return found.filter((text) => /\p{L}/u.test(text) && !NAMES.has(text))
}

function look(value: unknown, found: string[]): void {
  if (Array.isArray(value)) for (const each of value) look(each, found)
  if (!isNode(value)) return
  if (value.type === 'JSXText') found.push(...textsOf(value))
  if (value.type === 'JSXElement' || value.type === 'JSXFragment') lookAtChildren(value, found)
  if (value.type === 'JSXAttribute' && READ.has(nameOf(value))) found.push(...textsOf(value['value']))
  for (const part of Object.values(value)) look(part, found)
}

function lookAtChildren({ children }: Node, found: string[]): void {
  if (!Array.isArray(children)) return
  for (const child of children)
    if (isNode(child) && child.type === 'JSXExpressionContainer') found.push(...textsOf(child['expression']))
}

/** The texts that an expression may become, without what functions and components make of theirs. */
function textsOf(value: unknown): string[] {
  if (!isNode(value)) return []
  switch (value.type) {
    case 'JSXText':
    case 'Literal':
      return typeof value['value'] === 'string' ? [value['value'].trim()] : []
    case 'TemplateLiteral':
      return quasisOf(value['quasis'])
    case 'JSXExpressionContainer':
      return textsOf(value['expression'])
    case 'ConditionalExpression':
      return [...textsOf(value['consequent']), ...textsOf(value['alternate'])]
    case 'LogicalExpression':
    case 'BinaryExpression':
      return isComparison(value['operator']) ? [] : [...textsOf(value['left']), ...textsOf(value['right'])]
    default:
      return []
  }
}

function isComparison(operator: unknown): boolean {
  return typeof operator === 'string' && /^[=!<>]/.test(operator)
}

function quasisOf(quasis: unknown): string[] {
  if (!Array.isArray(quasis)) return []
  return quasis.flatMap((quasi: { value: { cooked: string | null } }) => quasi.value.cooked?.trim() ?? [])
}

function nameOf({ name }: Node): string {
  return isNode(name) && typeof name['name'] === 'string' ? name['name'] : ''
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
