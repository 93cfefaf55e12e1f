/**
 * Machines as a page of a list that people search, filter and sort: 100,000 of them without holding up anybody else. What
 * is the same for everybody is kept: the posture of each machine, the orders they are shown in, what was searched for, and
 * how many of each kind lie where.
 */
import type { App } from '../app.ts'
import { inTurns, nextTurn } from '../in-turns.ts'
import { viewsOf, type MachineView } from './list-machines.ts'
import type { MachinePosture } from './judge-machine.ts'
import { inOrder, type MachineSort } from './machine-orders.ts'
import type { Kind, PostureRow, Tally } from './posture-row.ts'
import { searchRows } from './search-rows.ts'
import { both, isSeen, sightsOf, within, type Sight, type Sights } from './sight.ts'
import { sumOf, tallyOf, tallyOfAll } from './tally-kinds.ts'
import type { Caller } from '../ports/caller.ts'
import type { MachineUse } from '../ports/rows.ts'
import { isChosen, type Labels } from '../../domain/policy/label-selector.ts'
import type { Category, Severity, Unsupported } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { DAY } from '../../domain/time.ts'

export interface MachineQuestion {
  /** Part of the name or the id; without regard to case. */
  readonly search?: string
  /** Only these. */
  readonly ids?: ReadonlySet<ResourceKey>
  /** Only those with all of these labels. */
  readonly labels?: Labels
  /** Id of a subscription, resource group or connection. */
  readonly within?: string
  readonly os?: 'Linux' | 'Windows'
  readonly category?: Category
  readonly severity?: Severity
  readonly why?: Unsupported
  readonly sort: MachineSort
  readonly descending: boolean
  readonly skip: number
  readonly top: number
}

export interface BrowsedMachine {
  readonly view: MachineView
  /** Undefined when the caller may not read assessments there. */
  readonly posture?: MachinePosture['posture']
  readonly use: MachineUse
}

export interface MachinePage {
  readonly items: readonly BrowsedMachine[]
  /** Of everything that was asked for. */
  readonly total: number
  /** Of what was searched, whatever category was asked for. */
  readonly counts: Readonly<Record<Category, number>>
}

type Rows = readonly PostureRow[]
type Deps = Pick<App, 'store' | 'inventory' | 'access' | 'clock' | 'driverOf' | 'postures'>

const USED_WITHIN = 7 * DAY
/** Machines looked at before others get their turn. */
const LOOKED_AT_ONCE = 25_000
const ASKED_FOR_LABELS_AT_ONCE = 2_000

export async function browseMachines(app: Deps, asked: MachineQuestion, caller: Caller): Promise<MachinePage> {
  const { rows, tally } = await foundFor(app, asked)
  const { read, assess } = await placesFor(app, asked, caller)
  // By severity only for whom assessments are readable.
  const sight = asked.severity === undefined ? read : both(read, assess)
  const page = await pageOf(rows, asked, { sight, assess })
  return {
    items: await shown(app, page, { assess, caller }),
    total: sumOf(tally(sight), (kind) => isOfOs(kind, asked) && isOfKind(kind, asked)),
    counts: countsOf(tally(read), asked),
  }
}

interface Found {
  /** In the order that was asked for. */
  readonly rows: Rows
  /** Of what a caller sees of them. */
  readonly tally: (sight: Sight) => Tally
}

async function foundFor({ postures, inventory }: Deps, asked: MachineQuestion): Promise<Found> {
  const { ids, search, labels } = asked
  // Who names the machines does not wait until every other one was looked at.
  if (ids !== undefined) return narrowed(inOrder(await postures.of(ids), asked), asked, inventory)
  const judged = await postures.all()
  const rows = await judged.orders.by(asked)
  return search === undefined && labels === undefined
    ? { rows, tally: (sight) => tallyOfAll(judged, sight) }
    : narrowed(rows, asked, inventory)
}

async function narrowed(rows: Rows, { search, labels }: MachineQuestion, inventory: App['inventory']): Promise<Found> {
  let found = search === undefined ? rows : await searchRows(rows, search)
  if (labels !== undefined) found = await labelled(found, labels, inventory)
  return { rows: found, tally: (sight) => tallyOf(found, sight) }
}

async function labelled(rows: Rows, labels: Labels, inventory: App['inventory']): Promise<Rows> {
  const found: PostureRow[] = []
  await inTurns(rows, ASKED_FOR_LABELS_AT_ONCE, (row) => {
    if (isChosen(inventory.find(row.key)?.labels, labels)) found.push(row)
  })
  return found
}

async function placesFor(app: Deps, asked: MachineQuestion, caller: Caller): Promise<Sights> {
  const sights = await sightsOf(app, caller)
  return asked.within === undefined ? sights : { ...sights, read: within(sights.read, asked.within) }
}

function isOfOs(kind: Kind, { os }: MachineQuestion): boolean {
  return os === undefined || kind.os === os
}

function isOfKind(kind: Kind, { category, severity, why }: MachineQuestion): boolean {
  return (
    (category === undefined || kind.category === category) &&
    (why === undefined || kind.why === why) &&
    (severity === undefined || kind.severity === severity)
  )
}

interface Looking {
  readonly sight: Sight
  readonly assess: Sight
}

async function pageOf(rows: Rows, asked: MachineQuestion, { sight, assess }: Looking): Promise<Rows> {
  const isAsked = (row: PostureRow): boolean =>
    isOfOs(row.kind, asked) && isOfKind(row.kind, asked) && isSeen(sight, row)
  const page: PostureRow[] = []
  let skipped = 0
  for (const isNext of inRanks(asked, assess))
    for (let from = 0; from < rows.length && page.length < asked.top; from += LOOKED_AT_ONCE) {
      if (from > 0) await nextTurn()
      for (const row of rows.slice(from, from + LOOKED_AT_ONCE)) {
        if (!isAsked(row) || !isNext(row)) continue
        if (skipped < asked.skip) skipped += 1
        else page.push(row)
        if (page.length === asked.top) break
      }
    }
  return page
}

/** Worst first. */
const SEVERITIES: readonly (Severity | undefined)[] = ['High', 'Low', 'Healthy', undefined]

/** What comes first, what next …: all at once, or severity by severity, which stands last where the caller may not read it. */
function inRanks({ sort, descending }: MachineQuestion, assess: Sight): readonly ((row: PostureRow) => boolean)[] {
  if (sort !== 'severity') return [() => true]
  const order = descending ? SEVERITIES.toReversed() : SEVERITIES
  return order.map((severity) => (row) => (isSeen(assess, row) ? row.kind.severity : undefined) === severity)
}

interface Showing {
  readonly assess: Sight
  readonly caller: Caller
}

async function shown(app: Deps, page: Rows, { assess, caller }: Showing): Promise<BrowsedMachine[]> {
  const found = page.flatMap(({ key }) => app.inventory.find(key) ?? [])
  const views = new Map((await viewsOf(app, found, caller)).map((view) => [view.machine.key, view]))
  const use = await app.store.reads.useOf([...views.keys()], app.clock.now() - USED_WITHIN)
  return page.flatMap((row) => {
    const view = views.get(row.key)
    if (view === undefined) return []
    return [{ view, use: use.get(row.key) ?? { requests: 0 }, ...(isSeen(assess, row) && { posture: row.posture }) }]
  })
}

function countsOf(tally: Tally, asked: MachineQuestion): Record<Category, number> {
  const countOf = (wanted: Category): number => sumOf(tally, (kind) => kind.category === wanted && isOfOs(kind, asked))
  return {
    configured: countOf('configured'),
    notConfigured: countOf('notConfigured'),
    unsupported: countOf('unsupported'),
  }
}
