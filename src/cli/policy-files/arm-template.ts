/**
 * The policies of an Azure Resource Manager template, also as `bicep build` writes it. Other resources are left alone;
 * what only Azure could compute is refused with its place.
 */
import { z } from 'zod'
import { jitPolicyBody, POLICY_TYPE } from '../../contract/jit-policy.ts'
import { computed, type ArmScope } from './arm-expression.ts'
import type { ReadDocument } from './document.ts'
import type { Understood } from './own-form.ts'
import type { Locate, Mistake, Path } from './place.ts'
import { inShape, mistakesOfShape } from './shape.ts'

/** What the caller says about the deployment. */
export interface Deployment {
  readonly parameters: ReadonlyMap<string, unknown>
  readonly subscriptionId: string
  readonly resourceGroup: string | undefined
  readonly location: string | undefined
}

const template = z.object({
  parameters: z.record(z.string(), z.object({ defaultValue: z.unknown().optional() })).optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  resources: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]),
})

const policyResource = z.object({ name: z.string(), ...jitPolicyBody.shape })

export function isArmTemplate(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'resources' in value
}

export function fromArmTemplate({ value, locate }: ReadDocument, deployment: Deployment): Understood {
  const parsed = inShape(template, value)
  if (!parsed.success) return { policies: [], mistakes: mistakesOfShape(parsed.error, locate) }
  const mistakes: Mistake[] = []
  const scope = scopeOf(parsed.data, { deployment, locate, mistakes })
  const understood = Object.entries(parsed.data.resources).flatMap(([key, resource]) =>
    isPolicy(resource)
      ? [fromResource(resource, { scope, locate, path: ['resources', stepOf(key, parsed.data)] })]
      : [],
  )
  return {
    policies: understood.flatMap(({ policies }) => policies),
    mistakes: [...mistakes, ...understood.flatMap((one) => one.mistakes)],
  }
}

/** Since language version 2.0 resources have names; before, places. */
function stepOf(key: string, { resources }: z.infer<typeof template>): string | number {
  return Array.isArray(resources) ? Number(key) : key
}

type Resource = Readonly<Record<string, unknown>>

function isPolicy(resource: unknown): resource is Resource {
  if (typeof resource !== 'object' || resource === null || !('type' in resource)) return false
  const isExisting = 'existing' in resource && resource.existing === true
  return !isExisting && String(resource.type).toLowerCase() === POLICY_TYPE.toLowerCase()
}

interface Judging {
  readonly deployment: Deployment
  readonly locate: Locate
  readonly mistakes: Mistake[]
}

function scopeOf({ parameters = {}, variables = {} }: z.infer<typeof template>, judging: Judging): ArmScope {
  const { deployment, locate, mistakes } = judging
  const values = new Map<string, unknown>()
  const scope = { ...deployment, parameters: values, variables: new Map<string, unknown>() }
  for (const [name, { defaultValue }] of Object.entries(parameters)) {
    const given = deployment.parameters.get(name.toLowerCase())
    const path = ['parameters', name, 'defaultValue']
    const value = given ?? resolved(defaultValue, { scope, locate, path, mistakes })
    if (value !== undefined) values.set(name.toLowerCase(), value)
  }
  for (const [name, value] of Object.entries(variables))
    scope.variables.set(name.toLowerCase(), resolved(value, { scope, locate, path: ['variables', name], mistakes }))
  return scope
}

interface At {
  readonly scope: ArmScope
  readonly locate: Locate
  readonly path: Path
}

function fromResource(resource: Resource, at: At): Understood {
  const mistakes: Mistake[] = [...loopMistakes(resource, at)]
  const { name, kind, properties } = resource
  const value = resolved({ name, kind, properties }, { ...at, mistakes })
  if (mistakes.length > 0) return { policies: [], mistakes }
  const there: Locate = (path) => at.locate([...at.path, ...path])
  const parsed = inShape(policyResource, value)
  if (!parsed.success) return { policies: [], mistakes: mistakesOfShape(parsed.error, there) }
  const [location, policy, ...rest] = parsed.data.name.split('/')
  if (location === undefined || policy === undefined || rest.length > 0) {
    const message = `the name of a policy in a template is LOCATION/POLICY; got '${parsed.data.name}'`
    return { policies: [], mistakes: [{ message, place: there(['name']) }] }
  }
  const { subscriptionId, resourceGroup } = at.scope
  const machines = parsed.data.properties.virtualMachines
  const place = resourceGroup === undefined ? {} : { subscription: subscriptionId, resourceGroup }
  return { policies: [{ name: policy, location, ...place, machines, locate: there }], mistakes: [] }
}

/** What makes one resource many, or none, is decided in Azure. */
function loopMistakes(resource: Resource, { locate, path }: At): Mistake[] {
  return ['copy', 'condition', 'scope'].flatMap((member) =>
    member in resource && resource[member] !== true
      ? [
          {
            message: `'${member}' of a policy cannot be computed here; write each policy out`,
            place: locate([...path, member]),
          },
        ]
      : [],
  )
}

interface Resolving extends At {
  readonly mistakes: Mistake[]
}

/** With every expression in it computed; those that cannot be are told. */
function resolved(value: unknown, at: Resolving): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => resolved(item, inside(at, index)))
  if (typeof value === 'object' && value !== null) {
    if ('copy' in value)
      at.mistakes.push({ message: "'copy' cannot be computed here; write each item out", place: at.locate(at.path) })
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolved(member, inside(at, name))]))
  }
  const result = computed(value, at.scope)
  if (result.ok) return result.value
  at.mistakes.push(...result.refusals.map(({ message }) => ({ message, place: at.locate(at.path) })))
  return undefined
}

function inside(at: Resolving, step: string | number): Resolving {
  return { ...at, path: [...at.path, step] }
}
