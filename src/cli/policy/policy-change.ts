/**
 * A change to a policy: read, merge, judge here, ask the server what it would do, write. The write carries the version
 * that was read, so that somebody else's change in between is never overwritten.
 */
import type { JitPolicy, PolicyPlan } from '../../contract/jit-policy.ts'
import type { WireMachine } from '../../contract/machine.ts'
import { parsePolicy, type PolicyMachineInput, type PolicySelectorInput } from '../../domain/policy/policy.ts'
import { asPlan, asPolicy } from '../calls/answers.ts'
import { ARM_VERSION, type Call, type Client } from '../calls/client.ts'
import { allPolicies, machinesFor, shortName, whoAmI } from '../names/directory.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, refusedInput, usageFailure } from '../failure.ts'
import type { Io } from '../io.ts'
import { givenByOptions, mergeMachines, mergeSelectors, withMachineIds, type PolicyOptions } from './policy-options.ts'
import { isCalled, newPolicyId } from '../../contract/policy-place.ts'
import type { Session } from '../session.ts'
import { shellOrigin } from '../shell-origin.ts'

export interface PolicyChange {
  readonly name: string
  /** The resource id, which is the path to write to. */
  readonly id: string
  /** Undefined for a policy that is made by this. */
  readonly existing: JitPolicy | undefined
  readonly machines: readonly PolicyMachineInput[]
  readonly selectors: readonly PolicySelectorInput[]
  readonly plan: PolicyPlan
  /** Writes it. */
  readonly apply: () => Promise<JitPolicy>
}

/** Everything up to the plan; changes nothing. */
export async function prepareChange(typed: string, options: PolicyOptions, session: Session): Promise<PolicyChange> {
  const { client, io } = session
  const given = await givenByOptions(options, io)
  const inputs = given.machines
  const known = await machinesFor(
    client,
    inputs.map(({ id }) => id),
  )
  const wanted = withMachineIds(inputs, known)
  const place = await placeOf({ typed, wanted, known, client, options })
  const read = place.existing === undefined ? undefined : await readPolicy(client, place.id)
  const before = options.replace === true ? undefined : read?.policy.properties
  const machines = mergeMachines(before?.virtualMachines ?? [], wanted)
  const selectors = mergeSelectors(before?.selectors ?? [], given.selectors ?? [])
  const name = shortName(place.id)
  const judged = parsePolicy(name, machines, selectors)
  if (!judged.ok) throw refusedInput('the policy is not as expected', judged.refusals)
  const put = putCall({ id: place.id, machines, selectors, read, options, io })
  const plan = await client.call({ ...put, query: { ...put.query, dryRun: 'true' } })
  return {
    name,
    id: place.id,
    existing: read?.policy,
    machines,
    selectors,
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
  readonly selectors: readonly PolicySelectorInput[]
  readonly read: ReadPolicy | undefined
  readonly options: PolicyOptions
  readonly io: Io
}

function putCall({ id, machines, selectors, read, options, io }: Put): Call {
  return {
    method: 'PUT',
    path: id,
    query: { 'api-version': ARM_VERSION, force: options.force === true ? 'true' : undefined },
    body: { kind: read?.policy.kind ?? 'Basic', properties: { virtualMachines: machines, selectors } },
    headers: {
      ...(read === undefined ? { 'if-none-match': '*' } : {}),
      ...(read?.etag === undefined ? {} : { 'if-match': read.etag }),
      ...shellHeader(io),
    },
  }
}

/** So that the server can refuse to cut off the connection that the command is typed in. */
export function shellHeader(io: Io): Readonly<Record<string, string>> {
  const shell = shellOrigin(io)
  return shell === undefined ? {} : { 'x-sallyport-shell': shell }
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
async function placeOf({ typed, wanted, known, client, options }: Wanted): Promise<Place> {
  const asked = { name: typed, resourceGroup: options.resourceGroup, location: options.location }
  const found = (await allPolicies(client)).filter((policy) => isCalled(policy, asked))
  const [existing] = found
  if (found.length > 1) throw ambiguous(typed, found)
  if (existing !== undefined) return { id: existing.id, existing }
  if (typed.startsWith('/')) return { id: typed, existing }
  if (typed.includes('/')) throw usageFailure(`'${typed}' is not a policy name; use letters, digits, '-', '_' and '.'`)
  const around = { first: wanted[0]?.id ?? '', known, own: await whoAmI(client) }
  return { id: newPolicyId(asked, around), existing }
}

function ambiguous(typed: string, found: readonly JitPolicy[]): Failure {
  const details = found.map(({ id }) => ({ code: 'Ambiguous', message: id }))
  const message = `${found.length} policies are called '${typed}'; say which by its id, or with -g and -l`
  return new Failure(EXIT.usage, message, { details })
}
