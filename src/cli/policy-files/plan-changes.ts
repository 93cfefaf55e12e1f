/**
 * From files to what would change, judged by the server, with nothing changed yet. Every mistake of every file is told at
 * once, at its place.
 */
import type { PolicyPlan } from '../../contract/jit-policy.ts'
import { asPlan } from '../answers.ts'
import type { Call } from '../client.ts'
import { refusal } from '../../domain/refusal.ts'
import { allMachines, allPolicies, whoAmI } from '../directory.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { putCall, readPolicy } from '../policy-change.ts'
import type { Session } from '../session.ts'
import { AT_ONCE, atMost } from './at-most.ts'
import { changeOf, type Change } from './change.ts'
import { mistaken, mistakesOf, type Mistake } from './place.ts'
import { resolvePolicies, type Known, type ResolvedPolicy } from './resolve.ts'
import { understand, type SourceFile } from './understand.ts'

export interface PlannedChange {
  readonly change: Change
  /** What the server would do; undefined where nothing is to be written. */
  readonly plan?: PolicyPlan
  readonly write?: Call
}

export interface ApplyOptions {
  readonly parameters: ReadonlyMap<string, unknown>
  readonly resourceGroup?: string | undefined
  readonly location?: string | undefined
  readonly force?: boolean
}

export async function planChanges(
  files: readonly SourceFile[],
  options: ApplyOptions,
  session: Session,
): Promise<PlannedChange[]> {
  const known = await knownAt(session)
  const { own } = known
  const deployment = {
    parameters: options.parameters,
    subscriptionId: own.subscriptionId,
    resourceGroup: options.resourceGroup,
    location: options.location,
  }
  const understood = understand(files, deployment)
  const resolved = resolvePolicies(understood.policies, known)
  const mistakes = [...understood.mistakes, ...resolved.mistakes]
  if (mistakes.length > 0) throw mistaken(summaryOf(mistakes), mistakes)
  const planned = await atMost(AT_ONCE, resolved.policies, (policy) => judged(policy, options, session))
  const refused = planned.flatMap((one) => ('refused' in one ? [one] : []))
  if (refused.length > 0) throw refusedByServer(refused)
  return planned.flatMap((one) => ('change' in one ? [one] : []))
}

async function knownAt({ client }: Session): Promise<Known> {
  const machines = await allMachines(client)
  return { machines, policies: await allPolicies(client, machines), own: await whoAmI(client) }
}

function summaryOf(mistakes: readonly Mistake[]): string {
  return mistakes.length === 1
    ? 'there is a mistake in the files'
    : `there are ${mistakes.length} mistakes in the files`
}

interface Refused {
  readonly policy: ResolvedPolicy
  readonly refused: Failure
}

/** A policy that the list already shows as it should be is not asked about; one that differs is read again, for its version. */
async function judged(
  policy: ResolvedPolicy,
  options: ApplyOptions,
  { client, io }: Session,
): Promise<PlannedChange | Refused> {
  const { id, name, machines } = policy
  const listed = changeOf({ id, name, before: policy.existing, after: machines })
  if (listed.action === 'none') return { change: listed }
  const read = policy.existing === undefined ? undefined : await readPolicy(client, id)
  const write = putCall({ id, machines, read, options, io })
  try {
    const plan = asPlan((await client.call({ ...write, query: { ...write.query, dryRun: 'true' } })).body)
    return { change: changeOf({ id, name, before: read?.policy, after: machines }), plan, write }
  } catch (error) {
    if (error instanceof Failure && JUDGEMENTS.has(error.exit)) return { policy, refused: error }
    throw error
  }
}

/** What the server says of the policy, not of itself or of the caller. */
const JUDGEMENTS: ReadonlySet<ExitCode> = new Set([EXIT.usage, EXIT.denied, EXIT.notFound])

function refusedByServer(refused: readonly Refused[]): Failure {
  const mistakes = refused.flatMap(({ policy, refused: { message, target, details } }) =>
    mistakesOf(details.length > 0 ? details : [refusal('', message, target ?? 'name')], policy.locate),
  )
  const worst = refused.find(({ refused: { exit } }) => exit !== EXIT.usage)?.refused
  const { exit, remedy } = worst ?? { exit: EXIT.usage, remedy: undefined }
  return mistaken('the server refuses what the files want; nothing was changed', mistakes, { exit, remedy })
}
