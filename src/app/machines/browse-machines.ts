/**
 * Machines as a page of a list that people search, filter and sort: 100,000 of them without holding up anybody else. What
 * is the same for everybody (the posture of each machine) is judged once and kept until something happens; what a caller may
 * read, and what was asked for, is looked at anew each time.
 */
import type { App } from '../app.ts'
import { rightsOf, type Rights } from '../identity/authorize.ts'
import { viewsOf, type MachineView } from './list-machines.ts'
import { everyPosture, type MachinePosture } from './list-posture.ts'
import type { Caller, MachineUse } from '../ports.ts'
import { isChosen, type Labels } from '../../domain/policy/label-selector.ts'
import type { Category, Severity, Unsupported } from '../../domain/posture.ts'
import { READ_ASSESSMENTS, readMachine, type ActionChoice } from '../../domain/roles/required-actions.ts'
import { partsOf, type ResourceKey } from '../../domain/resource-id.ts'
import { DAY, type Instant, type Millis } from '../../domain/time.ts'

export const MACHINE_SORTS = ['name', 'resourceGroup', 'location', 'severity'] as const
export type MachineSort = (typeof MACHINE_SORTS)[number]

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

/** Posture may change without an event of ours, when somebody else edits a firewall. */
const LONGEST: Millis = 60_000
const USED_WITHIN = 7 * DAY
/** Machines looked at before others get their turn. */
const AT_ONCE = 5_000

interface Board {
  readonly seq: number
  readonly list: unknown
  readonly at: Instant
  readonly rows: Promise<readonly Row[]>
}

/** Sorted by name; with what the other orders are by, worked out once. */
interface Row extends MachinePosture {
  readonly nameKey: string
  readonly groupKey: string
  /** What it takes to see it. */
  readonly need: ActionChoice
}

type Deps = Pick<App, 'store' | 'inventory' | 'access' | 'clock' | 'driverOf'>

export function createMachineBrowser(app: Deps): (asked: MachineQuestion, caller: Caller) => Promise<MachinePage> {
  let board: Board | undefined
  const rows = async (): Promise<readonly Row[]> => {
    const { seq } = await app.store.reads.auditHead()
    const [list, at] = [app.inventory.list(), app.clock.now()]
    const isFresh = board?.seq === seq && board.list === list && at - board.at < LONGEST
    if (board === undefined || !isFresh) board = { seq, list, at, rows: rowsOf(app) }
    return board.rows
  }
  // Who names the machines does not wait until every other one is judged.
  return async (asked, caller) =>
    browse(app, await (asked.ids === undefined ? rows() : rowsOf(app, asked.ids)), { asked, caller })
}

interface Asking {
  readonly asked: MachineQuestion
  readonly caller: Caller
}

async function rowsOf(app: Deps, only?: ReadonlySet<ResourceKey>): Promise<readonly Row[]> {
  const rows = (await everyPosture(app, only)).map((row) => ({
    ...row,
    nameKey: row.name.toLowerCase(),
    groupKey: partsOf(row.id).resourceGroup.toLowerCase(),
    need: readMachine(row.id),
  }))
  return rows.sort((a, b) => compared(a.nameKey, b.nameKey) || compared(a.key, b.key))
}

function compared<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function browse(app: Deps, rows: readonly Row[], { asked, caller }: Asking): Promise<MachinePage> {
  const rights = await rightsOf(app, caller)
  const searched = await inTurns(rows, (row) => rights.may(row.need, row.id) && isSearched(app, row, asked))
  const matching = searched.filter((row) => isOfKind(row, asked, rights))
  const page = inOrder(matching, asked).slice(asked.skip, asked.skip + asked.top)
  const found = page.flatMap(({ key }) => app.inventory.find(key) ?? [])
  const views = new Map((await viewsOf(app, found, caller)).map((view) => [view.machine.key, view]))
  const use = await app.store.reads.useOf([...views.keys()], app.clock.now() - USED_WITHIN)
  return {
    items: page.flatMap(({ key, id, posture }) => {
      const view = views.get(key)
      if (view === undefined) return []
      const mayAssess = rights.may(READ_ASSESSMENTS, id)
      return [{ view, use: use.get(key) ?? { requests: 0 }, ...(mayAssess && { posture }) }]
    }),
    total: matching.length,
    counts: countsOf(searched),
  }
}

async function inTurns<T>(rows: readonly T[], keep: (row: T) => boolean): Promise<T[]> {
  const kept: T[] = []
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    if (from > 0) await new Promise(setImmediate)
    kept.push(...rows.slice(from, from + AT_ONCE).filter(keep))
  }
  return kept
}

function isSearched({ inventory }: Deps, { key, nameKey }: Row, asked: MachineQuestion): boolean {
  const { ids, search, labels, within, os } = asked
  if (ids !== undefined && !ids.has(key)) return false
  if (search !== undefined) {
    const wanted = search.toLowerCase()
    if (!nameKey.includes(wanted) && !key.includes(wanted)) return false
  }
  if (within !== undefined && !key.startsWith(`${within.toLowerCase()}/`)) return false
  if (labels !== undefined && !isChosen(inventory.find(key)?.labels, labels)) return false
  return os === undefined || inventory.find(key)?.os === os
}

/** By severity only for whom assessments are readable. */
function isOfKind(
  { id, posture }: MachinePosture,
  { category, severity, why }: MachineQuestion,
  rights: Rights,
): boolean {
  if (category !== undefined && posture.category !== category) return false
  if (why !== undefined && posture.why !== why) return false
  return severity === undefined || (posture.severity === severity && rights.may(READ_ASSESSMENTS, id))
}

const WEIGHT: Readonly<Record<Severity, number>> = { High: 0, Low: 1, Healthy: 2 }

/** Rows of equal rank stay in the order of their names. */
function inOrder(rows: readonly Row[], { sort, descending }: MachineQuestion): readonly Row[] {
  if (sort === 'name') return descending ? rows.toReversed() : rows
  const rank = RANKS[sort]
  const sign = descending ? -1 : 1
  return rows.toSorted((a, b) => sign * compared(rank(a), rank(b)))
}

const RANKS: Readonly<Record<Exclude<MachineSort, 'name'>, (row: Row) => string | number>> = {
  resourceGroup: ({ groupKey }) => groupKey,
  location: ({ location = '' }) => location,
  severity: ({ posture: { severity } }) => (severity === undefined ? 3 : WEIGHT[severity]),
}

function countsOf(rows: readonly MachinePosture[]): Record<Category, number> {
  const counts = { configured: 0, notConfigured: 0, unsupported: 0 }
  for (const { posture } of rows) counts[posture.category] += 1
  return counts
}
