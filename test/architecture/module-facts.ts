/**
 * What the architecture test needs to know about one module: what it imports, and whether it reads the clock, chance or
 * the environment. Reads text only; must never load or run the module.
 */
import { parseSync } from 'oxc-parser'
import { z } from 'zod'

export interface ModuleFacts {
  /** Specifiers as written, of static and dynamic imports, re-exports and types alike. */
  readonly imports: readonly string[]
  /** `Date.now`, `new Date()`, `Math.random`, `performance.now`, `process.env` … as found. */
  readonly reads: readonly string[]
}

const computed = '(computed)'
const literal = z.object({ type: z.literal('Literal'), value: z.string() })
const named = z.object({ type: z.literal('Identifier'), name: z.string() })
const importing = z.object({
  type: z.enum([
    'ImportDeclaration',
    'ExportNamedDeclaration',
    'ExportAllDeclaration',
    'ImportExpression',
    'TSImportType',
  ]),
  source: z.unknown(),
})
const member = z.object({ type: z.literal('MemberExpression'), object: named, property: named })
const taking = z.object({ params: z.array(z.unknown()) })
const bareDate = z.object({
  type: z.literal('NewExpression'),
  callee: named,
  arguments: z.array(z.unknown()).length(0),
})

const ambient = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.env',
  'process.hrtime',
  'crypto.randomUUID',
])

export function moduleFacts({ path, text }: { path: string; text: string }): ModuleFacts {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors.map((error) => error.message).join('; ')}`)
  const nodes = [...nodesIn(program)]
  const handed = new Set(nodes.flatMap(parametersOf))
  return { imports: nodes.flatMap(importsOf), reads: nodes.flatMap((node) => readsOf(node, handed)) }
}

function* nodesIn(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value
  for (const part of Object.values(value)) yield* nodesIn(part)
}

function importsOf(node: object): string[] {
  const found = importing.safeParse(node)
  if (!found.success || found.data.source === null) return []
  const source = literal.safeParse(found.data.source)
  return [source.success ? source.data.value : computed]
}

/** A module that takes `process` or a clock as a parameter reads what its caller handed it, not the world. */
function parametersOf(node: object): string[] {
  const found = taking.safeParse(node)
  return found.success ? found.data.params.flatMap((it) => named.safeParse(it).data?.name ?? []) : []
}

function readsOf(node: object, handed: ReadonlySet<string>): string[] {
  const access = member.safeParse(node)
  if (access.success && handed.has(access.data.object.name)) return []
  const path = access.success ? `${access.data.object.name}.${access.data.property.name}` : ''
  if (ambient.has(path)) return [path]
  const made = bareDate.safeParse(node)
  return made.success && made.data.callee.name === 'Date' ? ['new Date()'] : []
}
