/**
 * One pass over this host's kernel by its driver: observe → plan → apply → observe, until nothing is left to do. What the
 * driver needs to undo is on record before the kernel is touched.
 */
import type { Driver, Plan, Step } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Flow } from '../../domain/access/flow.ts'
import type { Instant } from '../../domain/time.ts'
import type { AgentClock } from '../agent-clock.ts'
import { desiredAt, type Wanted } from './desired-of-document.ts'
import { isChange, isForeign, namesOf, scopeOf, type Due } from './due.ts'
import { endedBy, remembered, type KernelMemory } from './kernel-memory.ts'
import type { KeptJournal } from '../state/kept-journal.ts'
import { saidOnWire, type SaidOnWire } from './said-on-wire.ts'

/** What others changed. */
export interface Drift {
  readonly at: Instant
  readonly by?: string
  readonly steps: string[]
  /** The same, with their codes. */
  readonly told?: SaidOnWire[]
  readonly repaired: boolean
}

export interface HostPassDeps {
  readonly driver: Driver
  readonly point: PointId
  readonly clock: AgentClock
  readonly journal: KeptJournal
  /** Told as it happens: the pass may fail after it. */
  readonly news: {
    drifted(drift: Drift): void
    cut(flows: readonly Flow[]): void
  }
}

export interface HostPassInput {
  readonly wanted: Wanted
  readonly work: Due
  readonly memory: KernelMemory
  readonly signal: AbortSignal
}

/** A foreign edit between our apply and our look makes the second plan non-empty; look again before giving up. */
const ROUNDS = 3

/** What was seen in the end. Rejects when the kernel is not as it should be. */
export async function passOverHost(deps: HostPassDeps, input: HostPassInput): Promise<KernelMemory> {
  const { driver, point, clock, journal } = deps
  const { wanted, work, memory, signal } = input
  const now = clock.now()
  const scope = scopeOf(work, endedBy(memory, now))
  const desired = desiredAt(clock.isKnown() ? wanted : { ...wanted, holes: new Map() }, now)
  const look = async (): Promise<Plan> => {
    const observed = await driver.observe(point, scope, signal)
    return driver.plan({ desired, observed, scope, journal: journal.entries(), now })
  }
  const first = await look()
  const repaired = !(isForeign(work) && !isChange(work) && isOnlyReported(wanted, first))
  const plan = repaired ? await converge(deps, { first, look, signal }) : first
  const steps = stepsOfOthers(work, first)
  if (steps.length > 0)
    deps.news.drifted({
      at: now,
      ...namesOf(work),
      steps: steps.map(({ text }) => text),
      told: steps.map(saidOnWire),
      repaired,
    })
  const impossible = new Map([...first.impossible, ...plan.impossible])
  return remembered(memory, { wanted, scope, plan, impossible })
}

interface Converging {
  readonly first: Plan
  readonly look: () => Promise<Plan>
  readonly signal: AbortSignal
}

async function converge(
  { driver, point, journal, news }: HostPassDeps,
  { first, look, signal }: Converging,
): Promise<Plan> {
  let plan = first
  for (let round = 0; plan.steps.length > 0; round += 1) {
    if (round === ROUNDS) throw new Error(`others change it too; still to do: ${textsOf(plan).join('; ')}`)
    journal.keep(plan.journal)
    await driver.apply(point, plan, signal)
    news.cut(plan.cut ?? [])
    plan = await look()
  }
  journal.keep(plan.journal)
  return plan
}

/** What is open and should not be is closed all the same. */
function isOnlyReported({ document }: Wanted, plan: Plan): boolean {
  if (document.settings.drift === 'repair') return false
  return plan.lingering.size === 0 && plan.steps.every(({ kind }) => kind !== 'close' && kind !== 'cut')
}

/** What would have been there, had nobody else touched it. */
function stepsOfOthers(work: Due, { steps }: Plan): Step[] {
  if (!isForeign(work)) return []
  // Who is cut off did nothing wrong: the hole ended, and the policy says so.
  return steps.filter(({ kind }) => kind === 'repair' || (kind !== 'cut' && !isChange(work)))
}

function textsOf({ steps }: Plan): string[] {
  return steps.map(({ text }) => text)
}
