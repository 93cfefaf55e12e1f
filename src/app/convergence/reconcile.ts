/**
 * The ONE function that changes firewalls: a pass over one enforcement point.
 *
 *   read what changed → desired → observe → plan → (journal) → apply → observe → plan again → record
 *
 * Only an empty second plan counts. Nothing is recorded that was not observed, and what must be restored later is on
 * record before it is touched. The caller holds the point's lease and runs one pass at a time.
 */
import type { AuditEvent } from '../../domain/audit/audit.ts'
import type { DriftMode } from '../../domain/clouds/connection.ts'
import type { Desired } from '../../domain/access/desired.ts'
import type { FoundDrift } from '../../domain/access/drift.ts'
import type { Failure } from '../../domain/access/failure.ts'
import { slotsAround, type Flow } from '../../domain/access/flow.ts'
import { isWanted, transition, type Grant, type Transition } from '../../domain/access/grant.ts'
import { holeKey, slotsOf, type GrantId, type HoleKey, type Opening } from '../../domain/access/hole.ts'
import { resourceKey } from '../../domain/resource-id.ts'
import type { Sentence } from '../../domain/sentence.ts'
import { formatInstant, type Instant, type Millis } from '../../domain/time.ts'
import type { App } from '../app.ts'
import type { PointView } from './point-view.ts'
import { openingsOf } from './point-view.ts'
import { AT_ONCE, desiredInTurns, inParts, letOthersIn } from './desired-in-turns.ts'
import { recordDrift } from './drift-events.ts'
import { cutEvents, mustWarn, outlivedEvents } from '../requests/flow-events.ts'
import { grantEvent } from '../requests/grant-event.ts'
import type { Driver, ForeignChange, JournalEntry, Plan, Scope, Step } from '../ports/driver.ts'
import type { PointId } from '../ports/inventory.ts'
import type { GrantAtPoint, PointRow, Sighting } from '../ports/rows.ts'
import type { GrantChange, GrantOutcome, GrantSighting, Tx } from '../ports/store.ts'
import { shieldsAt } from './shields.ts'

export interface PassInput {
  readonly point: PointId
  readonly view: PointView
  readonly driver: Driver
  /** Look at everything, not only at what changed: at start, after somebody else's change, on the heartbeat. */
  readonly full: boolean
  /** Only wishes asked for it: where the pass before has carried them out already, there is nothing to look at. */
  readonly wishesOnly: boolean
  /** What somebody else did to the point since the last pass. */
  readonly foreign: readonly ForeignChange[]
  readonly signal: AbortSignal
}

export interface ReconcileDeps extends Pick<App, 'store' | 'inventory' | 'clock' | 'owner'> {
  /** What to do about what others change, where a point does not say; `repair` when not given. */
  readonly drift?: DriftMode
  /** How many grants are looked at before others get their turn; few where a simulation hunts for what may come between. */
  readonly atOnce?: number
}

/** How long after an end a point that closes by itself is looked at, to prove that it did: two kernel ticks and some. */
const PROOF_DELAY = 20
/** A foreign edit between our apply and our look makes the second plan non-empty; look again before giving up. */
const ROUNDS = 3

/** Returns the point's row as recorded; undefined when there was nothing to do. Rejects when the point is not as it should be. */
export async function reconcile(deps: ReconcileDeps, input: PassInput): Promise<PointRow | undefined> {
  input.view.found = undefined
  const work = await readWork(deps, input)
  if (work === undefined) return undefined
  const { rows, ends } = work
  const wants = await desiredInTurns(
    { shields: input.view.shields, openings: openingsOf(rows, ends), now: ends },
    work.atOnce,
  )
  const outcome = await converge(deps, input, { ...work, wants })
  const flows = await flowsToTell(input, work)
  return record(deps, input, { ...work, ...outcome, wants, flows, seenAt: deps.clock.now() })
}

interface Work {
  readonly row: PointRow
  readonly now: Instant
  /** What ends up to here is closed: now, and as much later as the point is slow. */
  readonly ends: Instant
  readonly scope: Scope
  /** The grants with a hole in the scope. */
  readonly rows: readonly GrantAtPoint[]
  /** True when nothing that we know of asked for a change, so that any step is a repair. */
  readonly quiet: boolean
  /** What this replica saw held there last, whatever was asked since; undefined when it cannot tell. */
  readonly standing: readonly GrantAtPoint[] | undefined
  readonly atOnce: number
}

async function readWork(
  deps: ReconcileDeps,
  { point, view, full, wishesOnly, driver }: PassInput,
): Promise<Work | undefined> {
  const { reads } = deps.store
  const row = await reads.point(point)
  if (row === undefined) return undefined
  const fresh = view.pass === row.pass
  if (!fresh) view.forget()
  const changed = await reads.grantsAt(point, fresh ? view.revision : undefined)
  const reshaped = view.shape !== row.shape
  if (reshaped) {
    view.shields = await shieldsAt(reads, deps.inventory, point)
    view.journal = await reads.journal(point)
    view.shape = row.shape
  }
  view.revision = changed.reduce(
    (latest, { revision }) => Math.max(latest, revision),
    Math.max(view.revision, row.wanted),
  )
  const now = deps.clock.now()
  const touched = view.merge(changed)
  const ends = now + leadOf(driver, point)
  // What closed by itself is proven a little later; who asks for something else meanwhile does not wait for it.
  const proven = view.takeEnded(ends - proofDelayOf(driver))
  const isApplied = touched.size === 0 && proven.size === 0 && row.wanted === row.applied
  if (wishesOnly && isApplied && fresh && !reshaped && !full) return undefined
  const everything = full || !fresh || reshaped || now >= view.lookedAt + driver.heartbeat || isApplied
  const ended = everything ? proven.union(view.takeEnded(ends)) : proven
  const scope: Scope = everything ? 'all' : touched.union(ended)
  const rows = view.within(scope)
  return {
    row,
    now,
    ends,
    scope,
    rows,
    standing: fresh && !reshaped ? rows.filter(({ sighting }) => sighting === 'held') : undefined,
    atOnce: deps.atOnce ?? AT_ONCE,
    quiet: fresh ? !reshaped && touched.size === 0 && ended.size === 0 : isAtRest(row, view.within('all'), ends),
  }
}

/** Everything that we know of was done before this replica began: what differs now, somebody else did. */
function isAtRest({ pass, wanted, applied }: PointRow, rows: readonly GrantAtPoint[], ends: Instant): boolean {
  return pass > 0 && wanted === applied && rows.every(({ grant }) => grant.state === 'open' && isWanted(grant, ends))
}

function proofDelayOf({ closesByItself }: Driver): Millis {
  return closesByItself ? PROOF_DELAY : 0
}

function leadOf(driver: Driver, point: PointId): Millis {
  return driver.traitsOf?.(point).lead ?? 0
}

interface Outcome {
  /** What is left to do: nothing, unless drift is only reported here. */
  readonly plan: Plan
  readonly impossible: ReadonlyMap<HoleKey, Failure>
}

async function converge(
  deps: ReconcileDeps,
  input: PassInput,
  { wants, ...work }: Work & { readonly wants: Desired },
): Promise<Outcome> {
  const { point, view, driver, signal } = input
  const { scope, now } = work
  const look = async (journal: readonly JournalEntry[]): Promise<Plan> => {
    const observed = await driver.observe(point, scope, signal)
    return driver.plan({ desired: wants, observed, scope, journal, now })
  }
  const observed = await driver.observe(point, scope, signal)
  await letOthersIn(work.rows, work.atOnce)
  const first = driver.plan({ desired: wants, observed, scope, journal: view.journal, now })
  await letOthersIn(work.rows, work.atOnce)
  view.found = await driftIn(input, work, { observed, steps: first.steps })
  if (isOnlyReported(deps, input, { work, plan: first }))
    return { plan: { ...first, journal: view.journal }, impossible: first.impossible }
  let plan = first
  for (let round = 0; plan.steps.length > 0; round++) {
    if (round === ROUNDS) throw new NotConverged(point, plan.steps)
    signal.throwIfAborted()
    if (!sameJournal(plan.journal, view.journal)) await writeJournal(deps, point, view, plan.journal)
    await driver.apply(point, plan, signal)
    if (plan.cut !== undefined) view.cut = [...view.cut, ...plan.cut]
    plan = await look(plan.journal)
  }
  return { plan, impossible: new Map([...first.impossible, ...plan.impossible]) }
}

interface FirstLook {
  readonly observed: unknown
  readonly steps: readonly Step[]
}

/** Steps that nobody asked us for would undo what somebody else did. */
async function driftIn(input: PassInput, work: Work, look: FirstLook): Promise<FoundDrift | undefined> {
  const { foreign } = input
  const found = work.quiet || foreign.length > 0 ? look.steps : await unasked(input, work, look)
  // Who is cut off did nothing wrong: the hole ended, and the policy says so.
  const steps = found.filter(({ kind, isOwn }) => kind !== 'cut' && isOwn !== true)
  if (steps.length === 0) return undefined
  const by = [...new Set(foreign.flatMap((change) => (change.by === undefined ? [] : [change.by])))]
  return { by, steps: steps.map(saidOf) }
}

function saidOf({ text, code, facts, also }: Step): Sentence {
  return { text, code, facts, ...(also !== undefined && { also }) }
}

/** What a grant asks for by itself; only other steps are worth a second judgement before a few slots are changed. */
const ASKED_FOR: ReadonlySet<Step['kind']> = new Set(['open', 'extend', 'close', 'cut'])

/** What would have to be done also if nothing had been asked since: had every grant that was held gone on. */
async function unasked(
  { driver, view }: PassInput,
  { standing, scope, now, ends, atOnce }: Work,
  { observed, steps }: FirstLook,
): Promise<readonly Step[]> {
  if (standing === undefined || (scope !== 'all' && steps.every(({ kind }) => ASKED_FOR.has(kind)))) return []
  const held: Opening[] = []
  await inParts(standing, atOnce, ({ grant }) => held.push({ ...grant, until: Math.max(grant.until, ends + 1) }))
  const before = await desiredInTurns({ shields: view.shields, openings: held, now: ends }, atOnce)
  await letOthersIn(standing, atOnce)
  const without = driver.plan({ desired: before, observed, scope, journal: view.journal, now })
  // An end that was moved is another end than the one that is seen there, in both judgements.
  const texts = new Set(without.steps.filter(({ kind }) => kind !== 'extend').map(({ text }) => text))
  return steps.filter(({ text }) => texts.has(text))
}

/** Whatever somebody asked for is carried out, with all that it takes; what is open and should not be is closed all the same. */
function isOnlyReported(
  { drift = 'repair' }: ReconcileDeps,
  { driver, point }: PassInput,
  { work, plan }: { readonly work: Work; readonly plan: Plan },
): boolean {
  if (plan.steps.length === 0 || !work.quiet || (driver.traitsOf?.(point).drift ?? drift) === 'repair') return false
  const mustBeDone = ({ kind, isOwn }: Step): boolean => kind === 'close' || kind === 'cut' || isOwn === true
  return plan.lingering.size === 0 && !plan.steps.some(mustBeDone)
}

/** The point still differs from what it should be after we changed it: somebody else is changing it too. */
class NotConverged extends Error {
  constructor(point: PointId, steps: readonly Step[]) {
    super(
      `${point} is not as it should be after ${ROUNDS} attempts; still to do: ${steps.map((step) => step.text).join('; ')}`,
    )
  }
}

async function writeJournal(
  deps: ReconcileDeps,
  point: PointId,
  view: PointView,
  journal: readonly JournalEntry[],
): Promise<void> {
  if (!(await deps.store.transaction((tx) => tx.putJournal(point, journal, deps.owner)))) throw new Overtaken(point)
  view.journal = journal
}

function sameJournal(a: readonly JournalEntry[], b: readonly JournalEntry[]): boolean {
  return (
    a.length === b.length && a.every((entry, index) => entry.key === b[index]?.key && entry.value === b[index]?.value)
  )
}

/** Who is connected, where a grant with somebody to warn of may have ended. That nobody can tell holds up no pass. */
async function flowsToTell({ driver, point, view, signal }: PassInput, { rows, ends }: Work): Promise<readonly Flow[]> {
  const isAsked = rows.some(({ grant }) => !isWanted(grant, ends) && mustWarn(grant, view.shields))
  return isAsked ? ((await driver.flowsAt?.(point, signal).catch(() => undefined)) ?? []) : []
}

/** `seenAt`: when the last look was over. `flows`: who was connected then. */
type Done = Work & Outcome & { readonly wants: Desired; readonly flows: readonly Flow[]; readonly seenAt: Instant }

async function record(deps: ReconcileDeps, input: PassInput, done: Done): Promise<PointRow> {
  const { view, driver, point } = input
  const seen = await seeAll(done)
  const recorded = await deps.store.transaction(async (tx) => {
    // First, because it locks the point: until the end of this transaction nobody revokes and no other pass records.
    const row = await tx.recordPass({
      point,
      applied: done.row.wanted,
      sightings: seen.filter(({ row, sighting }) => sighting !== row.sighting).map(outcomeOf),
      ...(sameJournal(done.plan.journal, view.journal) ? {} : { journal: done.plan.journal }),
      grace: proofDelayOf(driver) - leadOf(driver, point),
      lookAgainAt:
        view.shields.length > 0 || seen.filter(({ sighting }) => sighting === 'gone').length < view.size
          ? (done.scope === 'all' ? done.now : view.lookedAt) + driver.heartbeat
          : undefined,
    })
    if (row.pass !== done.row.pass + 1 || row.leaseOwner !== deps.owner) throw new Overtaken(point)
    const present = await withPresentStates(tx, row, done, seen)
    const unseen = present.filter(({ sighting }, index) => sighting !== seen[index]?.sighting)
    if (unseen.length > 0) await tx.putSightings(point, unseen.map(outcomeOf))
    const judged = await judge(tx, point, present, done)
    const changes = judged.filter(({ before, after }) => before.state !== after.state)
    const failing = await wishForFailing(tx, changes, done.now)
    await tx.changeGrants(
      changes.map(({ after }) => ({ ...pick(after), at: done.now })),
      new Map(failing.map((wished) => [wished.id, wished.wanted])),
    )
    const drift = await recordDrift(tx, {
      point,
      known: row.drift,
      found: view.found,
      // A look at some slots tells nothing of the others.
      settled: done.plan.steps.length === 0 && (done.scope === 'all' || view.found !== undefined),
      now: done.now,
    })
    const closed = changes.filter(({ after }) => after.state === 'closed').map(({ after }) => after)
    const about = { behind: grantsAround(view), shields: view.shields, now: done.now }
    const events = [
      ...drift,
      ...changes.map(({ after }) => eventOf(after, done)),
      ...(await cutEvents(tx, view.cut, about)),
      ...outlivedEvents(done.flows, closed, about),
    ]
    if (events.length > 0) await tx.append(events)
    return { row: failing.find((wished) => wished.id === point) ?? row, judged }
  })
  view.cut = []
  if (done.scope === 'all') view.lookedAt = done.now
  remember(view, recorded.row, recorded.judged, done)
  return recorded.row
}

/** Asked for the few flows that there is something to tell of: of all the holes at the point, only those around them are looked at. */
function grantsAround(view: PointView): (flows: readonly Flow[]) => Grant[] {
  return (flows) => view.within(new Set(flows.flatMap(slotsAround))).map(({ grant }) => grant)
}

/** Another replica took the point over while this pass ran past its lease: what this one saw may be out of date. */
class Overtaken extends Error {
  constructor(point: PointId) {
    super(`another replica took over ${point} meanwhile; this pass counts for nothing`)
  }
}

/**
 * Somebody may have revoked or extended a grant while the pass ran: its state is what it is now, not what the pass began
 * with. One whose end was moved just before it came is wanted again, whatever the pass saw.
 */
async function withPresentStates(
  tx: Tx,
  row: PointRow,
  { row: begun, ends }: Work,
  seen: readonly Seen[],
): Promise<Seen[]> {
  if (row.wanted === begun.wanted) return [...seen]
  const changed = new Map((await tx.grantsAt(row.id, begun.wanted)).map((at) => [at.grant.grant, at.grant]))
  return seen.map((one) => {
    const grant = changed.get(one.row.grant.grant)
    if (grant === undefined) return one
    const sighting = one.sighting === 'gone' && isWanted(grant, ends) ? 'wanted' : one.sighting
    return { ...one, sighting, row: { ...one.row, grant } }
  })
}

function outcomeOf({ row, sighting }: Seen): GrantOutcome {
  return { grant: row.grant.grant, sighting }
}

interface Seen {
  readonly row: GrantAtPoint
  readonly sighting: Sighting
  /** Why this point cannot carry it. */
  readonly refused: Failure | undefined
}

/** What this pass saw of each grant: all its holes held, none of them left, or neither. */
async function seeAll({ rows, wants, plan, impossible, ends, atOnce }: Done): Promise<Seen[]> {
  // Open is what was seen open: a grant of which no hole was looked at is not.
  const [held, unheld] = [new Set<GrantId>(), new Set<GrantId>()]
  await letOthersIn(rows, atOnce)
  await inParts(wants.holes, atOnce, ({ key, grants }) => {
    for (const grant of grants) (plan.held.has(key) ? held : unheld).add(grant)
  })
  const see = (row: GrantAtPoint): Seen => {
    const { grant } = row
    const isHeld = held.has(grant.grant) && !unheld.has(grant.grant)
    if (isWanted(grant, ends))
      return { row, sighting: isHeld ? 'held' : 'wanted', refused: refusalOf(grant, impossible) }
    const left = slotsOf(grant).some((slot) => plan.lingering.has(slot))
    return { row, sighting: left ? row.sighting : 'gone', refused: undefined }
  }
  const seen: Seen[] = []
  await inParts(rows, atOnce, (row) => seen.push(see(row)))
  return seen
}

function refusalOf(
  { machine, port, protocol, sources }: Grant,
  impossible: Outcome['impossible'],
): Failure | undefined {
  if (impossible.size === 0) return undefined
  const keys = sources.map((source) => holeKey(resourceKey(machine), port, protocol, source))
  return keys.map((key) => impossible.get(key)).find((reason) => reason !== undefined)
}

interface Judged extends Seen {
  readonly before: Grant
  readonly after: Grant
}

async function judge(tx: Tx, point: PointId, seen: readonly Seen[], at: Pick<Work, 'now' | 'ends'>): Promise<Judged[]> {
  const elsewhere = await sightingsElsewhere(tx, seen)
  return seen.map(({ row, sighting, refused }) => {
    const others = elsewhere.get(row.grant.grant) ?? []
    const [first] = others
    const before: Grant = first === undefined ? row.grant : { ...row.grant, state: first.state, reason: first.reason }
    const sightings = [sighting, ...others.filter((other) => other.point !== point).map((other) => other.sighting)]
    const after = refused === undefined ? moved(before, row.points, sightings, at) : failing(before, refused)
    return { row, sighting, refused, before, after }
  })
}

/** A grant at several points changes only when all have been seen; the common grant has one and needs no query. */
async function sightingsElsewhere(tx: Tx, seen: readonly Seen[]): Promise<Map<GrantId, GrantSighting[]>> {
  const many = seen.filter(({ row }) => row.points > 1).map(({ row }) => row.grant.grant)
  return many.length === 0 ? new Map() : Map.groupBy(await tx.sightingsOf(many), ({ grant }) => grant)
}

function moved(
  grant: Grant,
  points: number,
  sightings: readonly Sighting[],
  { now, ends }: Pick<Work, 'now' | 'ends'>,
): Grant {
  const count = (wanted: Sighting): number => sightings.filter((sighting) => sighting === wanted).length
  const next: Transition | undefined = transition(grant, { points, held: count('held'), gone: count('gone') }, ends)
  return next === undefined ? grant : { ...grant, ...next, ...(next.state === 'open' ? { openedAt: now } : {}) }
}

/** One point cannot carry it: it is taken back from all of them, and only then has it failed. */
function failing(grant: Grant, { message, code, facts }: Failure): Grant {
  return { ...grant, state: 'closing', reason: 'Failed', detail: message, because: { code, facts } }
}

/** The points of failing grants, this one too, are due again to take them back. */
async function wishForFailing(tx: Tx, changes: readonly Judged[], now: Instant): Promise<PointRow[]> {
  const grants = changes.filter(({ refused }) => refused !== undefined).map(({ after }) => after.grant)
  if (grants.length === 0) return []
  const points = [...new Set((await tx.sightingsOf(grants)).map((sighting) => sighting.point))]
  return tx.wish({ points, shape: false, dueAt: now })
}

function pick({ grant, state, reason, detail, because }: Grant): Omit<GrantChange, 'at'> {
  return { grant, state, reason, ...(detail !== undefined && { detail }), ...(because !== undefined && { because }) }
}

const ACTION_OF = {
  open: 'access.opened',
  closed: 'access.closed',
  failed: 'access.failed',
  closing: 'access.closing',
} as const

/** Open and closed are observed, never concluded: the event says when it was seen. */
function eventOf(grant: Grant, { now: at, seenAt }: Done): AuditEvent {
  const { state } = grant
  if (state === 'awaiting' || state === 'opening') throw new Error(`no pass moves a grant to ${state}`)
  const seen = formatInstant(seenAt)
  const facts = state === 'open' ? { observedOpenAt: seen } : state === 'closing' ? {} : { observedClosedAt: seen }
  return grantEvent(grant, { at, action: ACTION_OF[state], actor: 'sallyport', address: '' }, facts)
}

function remember(view: PointView, row: PointRow, judged: readonly Judged[], { plan, rows }: Done): void {
  view.pass = row.pass
  view.journal = plan.journal
  for (const [index, { row: before, after, sighting }] of judged.entries()) {
    const isAsBefore = before === rows[index] && after === before.grant && sighting === before.sighting
    if (sighting === 'gone') view.remove(before)
    else if (!isAsBefore) view.replace({ ...before, grant: after, sighting })
  }
}
