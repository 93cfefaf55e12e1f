/**
 * From files to what would change, judged by the server, with nothing changed yet. Every mistake of every file is told at
 * once, at its place.
 */
import type { WirePlannedPolicy, WirePolicy } from '../../contract/policy.ts'
import { formatSelector } from '../../domain/policy/label-selector.ts'
import type { PolicyMachineInput, PolicySelectorInput } from '../../domain/policy/policy.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { asPage, having, type Reader } from '../calls/answers.ts'
import { ARM_VERSION, type Call } from '../calls/client.ts'
import { whoAmI } from '../names/directory.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Failure } from '../failure.ts'
import { ownPolicies } from '../policy/managed-policies.ts'
import { shellHeader } from '../policy/policy-change.ts'
import type { Session } from '../session.ts'
import { changeOf, type Change } from './change.ts'
import { machinesIn } from './known.ts'
import { inOrder, mistaken, mistakesOf, type Mistake } from './place.ts'
import { resolvePolicies, type ResolvedPolicy } from './resolve.ts'
import { understand, type SourceFile } from './understand.ts'

export interface PlannedChange {
  readonly change: Change
  /** What would be done at each enforcement point, where that was asked for. */
  readonly points: WirePlannedPolicy['points']
  readonly write: Call
}

export interface ApplyOptions {
  /** Which code this is, as `--source` names it. */
  readonly source?: string | undefined
  readonly takeOver?: boolean
  /** Somebody's own change: nothing is said of who manages the policy. */
  readonly byHand?: boolean
  readonly prune?: boolean
  readonly force?: boolean
  /** Tell what would be done at each enforcement point; the server has to look at each. */
  readonly steps: boolean
  /** About the deployment of a template. */
  readonly parameters: ReadonlyMap<string, unknown>
  readonly subscription?: string | undefined
  readonly resourceGroup?: string | undefined
  readonly location?: string | undefined
}

const TOOL = 'sallyport-apply'
/** The server takes 200, and looks at all of them before it answers. */
const A_CALL = 100

export async function planChanges(
  files: readonly SourceFile[],
  options: ApplyOptions,
  session: Session,
): Promise<PlannedChange[]> {
  const { client } = session
  const [own, policies] = await Promise.all([whoAmI(client), ownPolicies(client)])
  const understood = understand(files, {
    ...options,
    subscriptionId: options.subscription ?? own.subscriptionId,
    resourceGroup: options.resourceGroup,
    location: options.location,
  })
  const machines = await machinesIn(understood.policies, client)
  const resolved = resolvePolicies(understood.policies, { machines, policies, own })
  const mistakes = inOrder([...understood.mistakes, ...resolved.mistakes])
  if (mistakes.length > 0) throw mistaken(summaryOf(mistakes), mistakes)
  const leftOver = options.prune === true ? ownedElsewhere(policies, { kept: resolved.policies, options }) : []
  const planned = await judged([...resolved.policies, ...leftOver], options, session)
  const refused = planned.filter(({ plan }) => plan.action === 'refused')
  if (refused.length > 0) throw refusedByServer(refused)
  return planned.map((one) => ({
    change: changeFrom(one, options),
    points: one.plan.points,
    write: writeOf(one, options, session),
  }))
}

function summaryOf(mistakes: readonly Mistake[]): string {
  return mistakes.length === 1
    ? 'there is a mistake in the files'
    : `there are ${mistakes.length} mistakes in the files`
}

/** One policy that is asked about: as it shall be, or gone. */
interface Asked extends Pick<ResolvedPolicy, 'id' | 'name' | 'locate'> {
  readonly machines?: ResolvedPolicy['machines']
  readonly selectors?: ResolvedPolicy['selectors']
}

interface Judged {
  readonly asked: Asked
  readonly plan: WirePlannedPolicy
}

/** What this very source wrote once and names no more. */
function ownedElsewhere(
  policies: readonly WirePolicy[],
  { kept, options }: { readonly kept: readonly ResolvedPolicy[]; readonly options: ApplyOptions },
): Asked[] {
  const named = new Set(kept.map(({ id }) => id.toLowerCase()))
  const left = policies.filter((policy) => isOurs(policy, options) && !named.has(policy.id.toLowerCase()))
  return left.map(({ id, name }) => ({ id, name, locate: () => ({ file: `policy ${name}, which no file names` }) }))
}

function isOurs({ managedBy }: WirePolicy, { source }: ApplyOptions): boolean {
  return managedBy?.tool === TOOL && managedBy.source === source
}

async function judged(asked: readonly Asked[], options: ApplyOptions, { client, io }: Session): Promise<Judged[]> {
  const found: Judged[] = []
  for (let from = 0; from < asked.length; from += A_CALL) {
    const part = asked.slice(from, from + A_CALL)
    // The plan comes in this order too: what is written first, what is removed last.
    const policies = part.flatMap(({ id, machines, selectors }) =>
      machines === undefined ? [] : [{ id, virtualMachines: machines, selectors }],
    )
    const remove = part.filter(({ machines }) => machines === undefined).map(({ id }) => id)
    const { source, takeOver, force, steps } = options
    const body = {
      ...(options.byHand === true ? {} : { managedBy: { tool: TOOL, source } }),
      takeOver,
      force,
      steps,
      policies,
      remove,
    }
    const answer = await client.call({ method: 'POST', path: '/api/v1/policies/plan', headers: shellHeader(io), body })
    const plans = asPage(answer.body).value.map((item) => asPlanned(item))
    found.push(
      ...part.flatMap((one, index) => (plans[index] === undefined ? [] : [{ asked: one, plan: plans[index] }])),
    )
  }
  return found
}

const asPlanned: Reader<WirePlannedPolicy> = (body) => having(body, 'id', 'action', 'points') as WirePlannedPolicy // by contract

function changeFrom({ asked: { id, name, machines, selectors }, plan }: Judged, options: ApplyOptions): Change {
  const isSaid = selectors !== undefined || machines === undefined
  const before = plan.before === undefined ? undefined : isSaid ? asWritten(plan.before) : plan.before.virtualMachines
  const after = machines === undefined ? undefined : [...machines, ...(selectors ?? []).map(asMachine)]
  const change = changeOf({ id, name, before, after })
  const isSettled =
    plan.before !== undefined && isOurs(plan.before, options) && plan.before.managedBy?.changedOutsideAt === undefined
  if (change.action !== 'none' || isSettled || options.byHand === true) return change
  return { ...change, action: 'adopt' }
}

/** What is chosen changes by itself; what a file changes is what chooses it. */
function asWritten({ virtualMachines, selectors = [] }: WirePolicy): PolicyMachineInput[] {
  return [...virtualMachines.filter(({ chosenBy }) => chosenBy == null), ...selectors.map(asMachine)]
}

function asMachine({ labels, ports }: PolicySelectorInput): PolicyMachineInput {
  return { id: `machines with ${formatSelector(labels)}`, ports }
}

function writeOf({ asked: { id, machines, selectors }, plan }: Judged, options: ApplyOptions, { io }: Session): Call {
  const { source, takeOver, force } = options
  const owner = source === undefined ? TOOL : `${TOOL} ${source}`
  const query = { 'api-version': ARM_VERSION, ...(takeOver === true ? { takeOver: 'true' } : {}) }
  const version: Record<string, string> =
    plan.before === undefined ? { 'if-none-match': '*' } : { 'if-match': plan.before.etag }
  const headers = { ...version, ...(options.byHand === true ? {} : { 'x-sallyport-managed-by': owner }) }
  if (machines === undefined) return { method: 'DELETE', path: id, query, headers }
  return {
    method: 'PUT',
    path: id,
    query: { ...query, ...(force === true ? { force: 'true' } : {}) },
    headers: { ...headers, ...shellHeader(io) },
    body: { kind: plan.before?.kind ?? 'Basic', properties: { virtualMachines: machines, selectors } },
  }
}

const DENIED: Readonly<Record<string, string | undefined>> = {
  AuthorizationFailed: 'sallyport role explain says what is missing; ask an administrator for it',
  WouldCutYourOwnConnection: '--force, when you are sure that you can get in another way',
  PolicyManagedElsewhere: '--take-over, when its other source shall manage it no more',
}

function refusedByServer(refused: readonly Judged[]): Failure {
  const mistakes = refused.flatMap(({ asked, plan: { refusals = [] } }) =>
    mistakesOf(refusals.map(placed), asked.locate),
  )
  const codes = refused.flatMap(({ plan: { refusals = [] } }) => refusals.map(({ code }) => code))
  const remedy = codes.map((code) => DENIED[code]).find((text) => text !== undefined)
  const summary = 'the server refuses what the files want; nothing was changed'
  return mistaken(summary, mistakes, { exit: exitOf(codes), remedy })
}

function placed({ code, message, target }: { code: string; message: string; target?: string | undefined }): Refusal {
  return refusal(code, message, target ?? 'name')
}

function exitOf(codes: readonly string[]): ExitCode {
  if (codes.some((code) => code in DENIED)) return EXIT.denied
  return codes.includes('MachineNotFound') ? EXIT.notFound : EXIT.usage
}
