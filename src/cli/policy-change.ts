/**
 * A change to a policy: read, merge, judge here, ask the server what it would do, write. The write carries the version
 * that was read, so that somebody else's change in between is never overwritten.
 */
import type { JitPolicy, PolicyPlan } from '../contract/jit-policy.ts'
import type { WireMachine } from '../contract/machine.ts'
import { parsePolicy, type PolicyMachineInput } from '../domain/policy.ts'
import { asPlan, asPolicy } from './answers.ts'
import { ARM_VERSION, type Call, type Client } from './client.ts'
import { allMachines, allPolicies, shortName, whoAmI } from './directory.ts'
import { EXIT } from './exit-codes.ts'
import { Failure, refusedInput, usageFailure } from './failure.ts'
import type { Io } from './io.ts'
import { machinesFromOptions, mergeMachines, withMachineIds, type PolicyOptions } from './policy-options.ts'
import type { Session } from './session.ts'
import { shellOrigin } from './shell-origin.ts'

export interface PolicyChange {
  readonly name: string
  /** The resource id, which is the path to write to. */
  readonly id: string
  /** Undefined for a policy that is made by this. */
  readonly existing: JitPolicy | undefined
  readonly machines: readonly PolicyMachineInput[]
  readonly plan: PolicyPlan
  /** Writes it. */
  readonly apply: () => Promise<JitPolicy>
}

/** Everything up to the plan; changes nothing. */
export async function prepareChange(typed: string, options: PolicyOptions, session: Session): Promise<PolicyChange> {
  const { client, io } = session
  const inputs = await machinesFromOptions(options, io)
  const known = await allMachines(client)
  const wanted = withMachineIds(inputs, known)
  const place = await placeOf({ typed, wanted, known, client, options })
  const read = place.existing === undefined ? undefined : await readPolicy(client, place.id)
  const kept = options.replace === true ? [] : (read?.policy.properties.virtualMachines ?? [])
  const machines = mergeMachines(kept, wanted)
  const name = shortName(place.id)
  const judged = parsePolicy(name, machines)
  if (!judged.ok) throw refusedInput('the policy is not as expected', judged.refusals)
  const put = putCall({ id: place.id, machines, read, options, io })
  const plan = await client.call({ ...put, query: { ...put.query, dryRun: 'true' } })
  return {
    name,
    id: place.id,
    existing: read?.policy,
    machines,
    plan: asPlan(plan.body),
    apply: async () => asPolicy((await client.call(put)).body),
  }
}

export interface ReadPolicy {
  readonly policy: JitPolicy
  /** The version that was read. */
  readonly etag: string | undefined
}

export async function readPolicy(client: Client, id: string): Promise<ReadPolicy> {
  const { body, headers } = await client.call({ path: id, query: { 'api-version': ARM_VERSION } })
  return { policy: asPolicy(body), etag: headers.get('etag') ?? undefined }
}

interface Put {
  readonly id: string
  readonly machines: readonly PolicyMachineInput[]
  readonly read: ReadPolicy | undefined
  readonly options: PolicyOptions
  readonly io: Io
}

function putCall({ id, machines, read, options, io }: Put): Call {
  const shell = shellOrigin(io)
  return {
    method: 'PUT',
    path: id,
    query: { 'api-version': ARM_VERSION, force: options.force === true ? 'true' : undefined },
    body: { kind: read?.policy.kind ?? 'Basic', properties: { virtualMachines: machines } },
    headers: {
      ...(read === undefined ? { 'if-none-match': '*' } : {}),
      ...(read?.etag === undefined ? {} : { 'if-match': read.etag }),
      ...(shell === undefined ? {} : { 'x-sallyport-shell': shell }),
    },
  }
}

interface Place {
  readonly id: string
  readonly existing: JitPolicy | undefined
}

interface Wanted {
  readonly typed: string
  readonly wanted: readonly PolicyMachineInput[]
  readonly known: readonly WireMachine[]
  readonly client: Client
  readonly options: PolicyOptions
}

/** By the whole name only: the beginning of one would change a policy when another was meant to be made. */
async function placeOf(asked: Wanted): Promise<Place> {
  const { typed, known, client, options } = asked
  const found = (await allPolicies(client, known)).filter((policy) => isCalled(policy, typed, options))
  const [existing] = found
  if (found.length > 1) throw ambiguous(typed, found)
  if (existing !== undefined) return { id: existing.id, existing }
  if (typed.startsWith('/')) return { id: typed, existing }
  if (typed.includes('/')) throw usageFailure(`'${typed}' is not a policy name; use letters, digits, '-', '_' and '.'`)
  return { id: await newPolicyId(asked), existing }
}

function ambiguous(typed: string, found: readonly JitPolicy[]): Failure {
  const details = found.map(({ id }) => ({ code: 'Ambiguous', message: id }))
  const message = `${found.length} policies are called '${typed}'; say which by its id, or with -g and -l`
  return new Failure(EXIT.usage, message, { details })
}

function isCalled({ id, name, location }: JitPolicy, typed: string, options: PolicyOptions): boolean {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
  if (!same(name, typed) && !same(id, typed)) return false
  const inGroup = options.resourceGroup === undefined || same(groupOf(id), options.resourceGroup)
  return inGroup && (options.location === undefined || same(location, options.location))
}

function groupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? ''
}

/** With its first machine, as the original places policies; an installation's own place where that is not known. */
async function newPolicyId({ typed, wanted, known, client, options }: Wanted): Promise<string> {
  const first = wanted[0]?.id ?? ''
  const machine = known.find(({ id }) => id.toLowerCase() === first.toLowerCase())
  const own = await whoAmI(client)
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(first)?.[1] ?? own.subscriptionId
  const group = options.resourceGroup ?? (groupOf(first) || own.resourceGroup)
  const location = options.location ?? machine?.location ?? own.location
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/${typed}`
}
