/**
 * Machines as a page of a list that people search, filter and sort: 100,000 of them without holding up anybody else. What
 * is the same for everybody, the posture of each machine and the orders they are shown in, is kept; what a caller may read,
 * and what was asked for, is looked at anew each time.
 */
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import { viewsOf, type MachineView } from './list-machines.ts'
import type { MachinePosture } from './judge-machine.ts'
import { bySeverity, MachineOrders, type MachineSort } from './machine-orders.ts'
import { mayAtEach } from './may-at-each.ts'
import type { PostureRow } from './postures.ts'
import type { Caller, MachineUse } from '../ports.ts'
import { isChosen, type Labels } from '../../domain/policy/label-selector.ts'
import type { Category, Severity, Unsupported } from '../../domain/posture.ts'
import { READ_ASSESSMENTS } from '../../domain/roles/required-actions.ts'
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

const USED_WITHIN = 7 * DAY
/** Machines looked at before others get their turn. */
const AT_ONCE = 25_000

type Deps = Pick<App, 'store' | 'inventory' | 'access' | 'clock' | 'driverOf' | 'postures'>

export function createMachineBrowser(app: Deps): (asked: MachineQuestion, caller: Caller) => Promise<MachinePage> {
  let kept: MachineOrders | undefined
  return async (asked, caller) => {
    // Who names the machines does not wait until every other one was looked at.
    if (asked.ids !== undefined)
      return browse(app, new MachineOrders(await app.postures.of(asked.ids)), { asked, caller })
    const rows = await app.postures.all()
    if (kept?.rows !== rows) kept = new MachineOrders(rows)
    return browse(app, kept, { asked, caller })
  }
}

interface Asking {
  readonly asked: MachineQuestion
  readonly caller: Caller
}

async function browse(app: Deps, orders: MachineOrders, { asked, caller }: Asking): Promise<MachinePage> {
  const rights = await rightsOf(app, caller)
  const mayRead = mayAtEach(rights, ({ need }) => need)
  const mayAssess = mayAtEach(rights, () => READ_ASSESSMENTS)
  const searched = await inTurns(orders.by(asked), (row) => mayRead(row) && isSearched(app, row, asked))
  const matching = searched.filter((row) => isOfKind(row, asked, mayAssess))
  const ordered = asked.sort === 'severity' ? bySeverity(matching, asked) : matching
  const page = ordered.slice(asked.skip, asked.skip + asked.top)
  const found = page.flatMap(({ key }) => app.inventory.find(key) ?? [])
  const views = new Map((await viewsOf(app, found, caller)).map((view) => [view.machine.key, view]))
  const use = await app.store.reads.useOf([...views.keys()], app.clock.now() - USED_WITHIN)
  return {
    items: page.flatMap((row) => {
      const view = views.get(row.key)
      if (view === undefined) return []
      return [{ view, use: use.get(row.key) ?? { requests: 0 }, ...(mayAssess(row) && { posture: row.posture }) }]
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

function isSearched({ inventory }: Deps, { key, nameKey }: PostureRow, asked: MachineQuestion): boolean {
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
  row: PostureRow,
  { category, severity, why }: MachineQuestion,
  mayAssess: (row: PostureRow) => boolean,
): boolean {
  const { posture } = row
  if (category !== undefined && posture.category !== category) return false
  if (why !== undefined && posture.why !== why) return false
  return severity === undefined || (posture.severity === severity && mayAssess(row))
}

function countsOf(rows: readonly MachinePosture[]): Record<Category, number> {
  const counts = { configured: 0, notConfigured: 0, unsupported: 0 }
  for (const { posture } of rows) counts[posture.category] += 1
  return counts
}
