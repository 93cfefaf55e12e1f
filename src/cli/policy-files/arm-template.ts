/**
 * The policies of an Azure Resource Manager template, also as `bicep build` writes it, with those of its modules. Other
 * resources are left alone; what only Azure could compute is refused with its place.
 */
import { z } from 'zod'
import { jitPolicyBody, POLICY_TYPE } from '../../contract/jit-policy.ts'
import { Unknown, type ArmScope, type Lazy } from './arm-expression.ts'
import { loopsIn, resolved, writtenOut } from './arm-value.ts'
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

type Template = z.infer<typeof template>

const policyResource = z.object({ name: z.string(), ...jitPolicyBody.shape })

export function isArmTemplate(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'resources' in value
}

export function fromArmTemplate({ value, locate }: ReadDocument, deployment: Deployment): Understood {
  const given = new Map([...deployment.parameters].map(([name, one]) => [name, (): unknown => one]))
  return fromTemplate(value, {
    locate,
    path: [],
    scopeOf: (parsed) => scopeOf(parsed, { ...deployment, given }),
  })
}

interface Placed {
  readonly locate: Locate
  readonly path: Path
}

interface TemplateAt extends Placed {
  readonly scopeOf: (parsed: Template) => ArmScope
}

function fromTemplate(value: unknown, { locate, path, scopeOf: scoped }: TemplateAt): Understood {
  const parsed = inShape(template, value)
  if (!parsed.success) return { policies: [], mistakes: mistakesOfShape(parsed.error, within(locate, path)) }
  const scope = scoped(parsed.data)
  const understood = Object.entries(parsed.data.resources).flatMap(([key, resource]) => {
    const at = { scope, locate, path: [...path, 'resources', stepOf(key, parsed.data)] }
    if (isPolicy(resource)) return [fromResource(resource, at)]
    return isModule(resource) && holdsPolicy(resource.properties.template) ? [fromModule(resource, at)] : []
  })
  return joined(understood)
}

function joined(understood: readonly Understood[]): Understood {
  return {
    policies: understood.flatMap(({ policies }) => policies),
    mistakes: understood.flatMap(({ mistakes }) => mistakes),
  }
}

function within(locate: Locate, path: Path): Locate {
  return (below) => locate([...path, ...below])
}

/** Since language version 2.0 resources have names; before, places. */
function stepOf(key: string, { resources }: Template): string | number {
  return Array.isArray(resources) ? Number(key) : key
}

type Resource = Readonly<Record<string, unknown>>

function isOfType(resource: unknown, type: string): resource is Resource {
  if (typeof resource !== 'object' || resource === null || !('type' in resource)) return false
  const isExisting = 'existing' in resource && resource.existing === true
  return !isExisting && String(resource.type).toLowerCase() === type.toLowerCase()
}

function isPolicy(resource: unknown): resource is Resource {
  return isOfType(resource, POLICY_TYPE)
}

interface Module extends Resource {
  readonly properties: { readonly template: object } & Resource
}

/** A template in a template, which is what Bicep makes of a module. */
function isModule(resource: unknown): resource is Module {
  if (!isOfType(resource, 'Microsoft.Resources/deployments')) return false
  const { properties } = resource
  return (
    typeof properties === 'object' && properties !== null && typeof Reflect.get(properties, 'template') === 'object'
  )
}

function holdsPolicy(value: unknown): boolean {
  const parsed = template.safeParse(value)
  if (!parsed.success) return false
  return Object.values(parsed.data.resources).some(
    (resource) => isPolicy(resource) || (isModule(resource) && holdsPolicy(resource.properties.template)),
  )
}

interface Given extends Omit<Deployment, 'parameters'> {
  readonly given: ReadonlyMap<string, Lazy>
}

function scopeOf({ parameters = {}, variables = {} }: Template, { given, ...place }: Given): ArmScope {
  const scope = { ...place, parameters: new Map<string, Lazy>(), variables: new Map<string, Lazy>(), loops: new Map() }
  const at = { scope, path: [], fault: unknown }
  for (const [name, { defaultValue }] of Object.entries(parameters)) {
    const key = name.toLowerCase()
    scope.parameters.set(key, given.get(key) ?? once(name, () => resolved(defaultValue, at)))
  }
  const { copy, ...others } = variables
  for (const [name, value] of Object.entries(others))
    scope.variables.set(
      name.toLowerCase(),
      once(name, () => resolved(value, at)),
    )
  for (const loop of loopsIn(copy))
    scope.variables.set(
      loop.name.toLowerCase(),
      once(loop.name, () => writtenOut(loop, at)),
    )
  return scope
}

function unknown(message: string): never {
  throw new Unknown(message)
}

function once(name: string, compute: Lazy): Lazy {
  let state: 'new' | 'under way' | { readonly value: unknown } = 'new'
  return () => {
    if (state === 'under way') throw new Unknown(`'${name}' refers to itself`)
    if (state !== 'new') return state.value
    state = 'under way'
    try {
      const value = compute()
      state = { value }
      return value
    } finally {
      if (state === 'under way') state = 'new'
    }
  }
}

interface At extends Placed {
  readonly scope: ArmScope
}

/** Its expressions are its own, with the parameters that it is given, or those of the template around it. */
function fromModule(module: Module, at: At): Understood {
  const mistakes = loopMistakes(module, at, ['copy', 'condition'])
  const where = { ...at, fault: faultsInto(mistakes, at.locate) }
  const { subscriptionId, resourceGroup, properties } = module
  const place = placeOf(resolved({ subscriptionId, resourceGroup }, where), at.scope)
  if (mistakes.length > 0) return { policies: [], mistakes }
  return fromTemplate(properties.template, {
    locate: at.locate,
    path: [...at.path, 'properties', 'template'],
    scopeOf: (parsed) =>
      isInner(properties) ? scopeOf(parsed, { ...place, given: givenTo(properties, at) }) : { ...at.scope, ...place },
  })
}

type Place = Pick<ArmScope, 'subscriptionId' | 'resourceGroup' | 'location'>

/** Where another group lies is not known here. */
function placeOf(module: unknown, { subscriptionId, resourceGroup, location }: ArmScope): Place {
  const said = z.object({ subscriptionId: z.string().optional(), resourceGroup: z.string().optional() }).parse(module)
  const group = said.resourceGroup ?? resourceGroup
  return {
    subscriptionId: said.subscriptionId ?? subscriptionId,
    resourceGroup: group,
    location: group === resourceGroup ? location : undefined,
  }
}

const evaluation = z.object({ expressionEvaluationOptions: z.object({ scope: z.string() }) })

function isInner(properties: Resource): boolean {
  const { data } = evaluation.safeParse(properties)
  return data?.expressionEvaluationOptions.scope.toLowerCase() === 'inner'
}

const givenParameters = z.object({ parameters: z.record(z.string(), z.object({ value: z.unknown() })) })

function givenTo(properties: Resource, { scope }: At): ReadonlyMap<string, Lazy> {
  const { data } = givenParameters.safeParse(properties)
  const at = { scope, path: [], fault: unknown }
  return new Map(
    Object.entries(data?.parameters ?? {}).map(([name, { value }]) => [
      name.toLowerCase(),
      once(name, () => resolved(value, at)),
    ]),
  )
}

function faultsInto(mistakes: Mistake[], locate: Locate) {
  return (message: string, path: Path): void => void mistakes.push({ message, place: locate(path) })
}

function fromResource(resource: Resource, at: At): Understood {
  const mistakes = loopMistakes(resource, at, ['copy', 'condition', 'scope'])
  const { name, kind, properties } = resource
  const value = resolved({ name, kind, properties }, { ...at, fault: faultsInto(mistakes, at.locate) })
  if (mistakes.length > 0) return { policies: [], mistakes }
  const there = within(at.locate, at.path)
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
function loopMistakes(resource: Resource, { locate, path }: At, members: readonly string[]): Mistake[] {
  return members.flatMap((member) =>
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
