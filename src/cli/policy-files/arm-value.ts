/** A value of a template with every expression in it computed, and every loop in it written out. */
import { computed, looping, type ArmScope } from './arm-expression.ts'
import type { Path } from './place.ts'

export interface Resolving {
  readonly scope: ArmScope
  readonly path: Path
  /** Told of what only Azure could compute, with its place. */
  readonly fault: (message: string, path: Path) => void
}

export function resolved(value: unknown, at: Resolving): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => resolved(item, inside(at, index)))
  if (typeof value === 'object' && value !== null) {
    const { copy = [], ...members } = value as Readonly<Record<string, unknown>> // a plain object of JSON
    const plain = Object.entries(members).map(([name, member]) => [name, resolved(member, inside(at, name))] as const)
    const loops = loopsIn(copy).map((loop, index) => [loop.name, writtenOut(loop, inside(at, 'copy', index))] as const)
    return Object.fromEntries([...plain, ...loops])
  }
  const result = computed(value, at.scope)
  if (result.ok) return result.value
  for (const { message } of result.refusals) at.fault(message, at.path)
  return undefined
}

function inside(at: Resolving, ...steps: Path): Resolving {
  return { ...at, path: [...at.path, ...steps] }
}

/** https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties */
export interface Loop {
  readonly name: string
  readonly count: unknown
  readonly input: unknown
}

/** Of a member `copy` of an object, or of the variables. */
export function loopsIn(copy: unknown): Loop[] {
  const loops: readonly unknown[] = Array.isArray(copy) ? copy : []
  return loops.flatMap((loop) => {
    if (typeof loop !== 'object' || loop === null || !('name' in loop) || typeof loop.name !== 'string') return []
    return [{ name: loop.name, count: Reflect.get(loop, 'count'), input: Reflect.get(loop, 'input') }]
  })
}

/** Azure's own limit. */
const MOST = 800

export function writtenOut({ name, count, input }: Loop, at: Resolving): unknown[] {
  const times = resolved(count, inside(at, 'count'))
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 0 || times > MOST) {
    at.fault(`'count' of a copy is a whole number up to ${MOST}`, [...at.path, 'count'])
    return []
  }
  return Array.from({ length: times }, (_, index) =>
    resolved(input, { ...inside(at, 'input'), scope: looping(at.scope, name, index) }),
  )
}
