/**
 * Writes what was planned: each policy whole or not at all. One that fails does not hold the others back; the exit code
 * says so. Then waits until the machines carry it.
 */
import { asPolicy } from '../calls/answers.ts'
import type { JitPolicy } from '../../contract/jit-policy.ts'
import type { Millis } from '../../domain/time.ts'
import { counted } from '../show/counted.ts'
import { allPolicies } from '../names/directory.ts'
import { EXIT } from '../exit-codes.ts'
import { describeFailure, Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { interruptible, waitFor } from '../access/wait-for.ts'
import { AT_ONCE, atMost } from './at-most.ts'
import type { PlannedChange } from './plan-changes.ts'

export interface Written {
  readonly ids: readonly string[]
  readonly failures: readonly Failure[]
}

export async function writeChanges(changes: readonly PlannedChange[], session: Session): Promise<Written> {
  const written = await atMost(AT_ONCE, changes, (change) => writeOne(change, session))
  return {
    ids: written.flatMap((one) => (typeof one === 'string' ? [one] : [])),
    failures: written.flatMap((one) => (one instanceof Failure ? [one] : [])),
  }
}

const DONE = { create: 'Made', update: 'Changed', adopt: 'Took over', remove: 'Removed', none: 'Kept' } as const

async function writeOne({ change, write }: PlannedChange, session: Session): Promise<string | Failure | undefined> {
  try {
    const { body } = await session.client.call(write)
    session.say(`${DONE[change.action]} policy ${change.name}.`)
    return change.action === 'remove' ? undefined : asPolicy(body).id
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    for (const text of describeFailure(error)) session.say(`policy ${change.name}: ${text}`)
    return error
  }
}

export function failIfAny({ ids, failures }: Written): void {
  const [first] = failures
  if (first === undefined) return
  const message = `${failures.length} of ${counted(failures.length + ids.length, 'policy', 'policies')} could not be written`
  throw new Failure(ids.length > 0 ? EXIT.partly : first.exit, message, { remedy: 'the same command again' })
}

export async function waitUntilCarried(ids: readonly string[], timeout: Millis, session: Session): Promise<void> {
  if (ids.length === 0) return
  const { io } = session
  const { seen, ended } = await interruptible(io, async (signal) =>
    waitFor({
      io,
      signal,
      first: await pending(ids, session),
      deadline: io.now() + timeout,
      again: () => pending(ids, session),
      isDone: (left) => left.length === 0,
      describe: (left) => `waiting until the machines carry ${left.map(({ name }) => name).join(', ')}`,
    }),
  )
  if (ended === 'done') return
  const exit = ended === 'timed out' ? EXIT.timedOut : EXIT.interrupted
  throw new Failure(
    exit,
    `everything is kept, but not all machines carry it yet: ${seen.map(({ name }) => name).join(', ')}`,
    {
      remedy: 'sallyport policy list; why it takes so long: sallyport doctor',
    },
  )
}

async function pending(ids: readonly string[], { client }: Session): Promise<JitPolicy[]> {
  const wanted = new Set(ids.map((id) => id.toLowerCase()))
  const policies = await allPolicies(client)
  return policies.filter(
    ({ id, properties }) => wanted.has(id.toLowerCase()) && properties.provisioningState !== 'Succeeded',
  )
}
