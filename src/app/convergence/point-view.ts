/**
 * What this replica remembers of one enforcement point between passes: its live grants, indexed by slot and by end.
 * It exists so that a pass costs what changed and not what is open. It is a cache and never the truth: it counts only
 * while the store's pass counter is the one it was left at, and any failure throws it away, but for what must still be told.
 */
import TinyQueue from 'tinyqueue'
import type { Shield } from '../../domain/access/desired.ts'
import type { FoundDrift } from '../../domain/access/drift.ts'
import type { Flow } from '../../domain/access/flow.ts'
import { isWanted } from '../../domain/access/grant.ts'
import { slotsOf, type GrantId, type Opening, type Slot } from '../../domain/access/hole.ts'
import type { Instant } from '../../domain/time.ts'
import type { JournalEntry, Scope } from '../ports/driver.ts'
import type { GrantAtPoint } from '../ports/rows.ts'

interface End {
  readonly grant: GrantId
  readonly until: Instant
}

export class PointView {
  /** The store's pass counter when this memory was last true; undefined when it must be read anew. */
  pass: number | undefined
  revision = 0
  shape = -1
  /** When everything on the point was last looked at; passes over some slots must not put off the next time. */
  lookedAt: Instant = 0
  shields: readonly Shield[] = []
  /** What the pass under way found that nobody asked for; told also when the pass fails. */
  found: FoundDrift | undefined
  /** Whom passes cut off and have not put on record yet: they are gone, so no later look can tell of them. */
  cut: readonly Flow[] = []
  journal: readonly JournalEntry[] = []
  readonly #grants = new Map<GrantId, GrantAtPoint>()
  /** Nearly every slot is one grant's, and there may be a hundred thousand: only where more share it, they are a set. */
  readonly #bySlot = new Map<Slot, GrantId | Set<GrantId>>()
  #ends = endsQueue()

  get size(): number {
    return this.#grants.size
  }

  forget(): void {
    this.pass = undefined
    this.revision = 0
    this.shape = -1
    this.#grants.clear()
    this.#bySlot.clear()
    this.#ends = endsQueue()
  }

  /** Takes in rows read from the store; returns the slots they touch. */
  merge(rows: readonly GrantAtPoint[]): Set<Slot> {
    const touched = new Set<Slot>()
    for (const row of rows) {
      const { grant } = row.grant
      if (row.sighting === 'gone') continue
      if (!this.#grants.has(grant)) this.#ends.push({ grant, until: row.grant.until })
      this.#grants.set(grant, row)
      for (const slot of slotsOf(row.grant)) {
        touched.add(slot)
        const sharers = this.#bySlot.get(slot)
        if (sharers === undefined) this.#bySlot.set(slot, grant)
        else if (typeof sharers !== 'string') sharers.add(grant)
        else if (sharers !== grant) this.#bySlot.set(slot, new Set([sharers, grant]))
      }
    }
    return touched
  }

  /** The slots of grants that have ended by `now` and were not handed out before. One that was extended waits for its new end. */
  takeEnded(now: Instant): Set<Slot> {
    const touched = new Set<Slot>()
    for (let end = this.#ends.peek(); end !== undefined && end.until <= now; end = this.#ends.peek()) {
      this.#ends.pop()
      const row = this.#grants.get(end.grant)
      if (row === undefined) continue
      if (row.grant.until > now) this.#ends.push({ grant: end.grant, until: row.grant.until })
      else for (const slot of slotsOf(row.grant)) touched.add(slot)
    }
    return touched
  }

  /** Every grant that has a hole in the scope. */
  within(scope: Scope): GrantAtPoint[] {
    if (scope === 'all') return [...this.#grants.values()]
    const found = new Map<GrantId, GrantAtPoint>()
    for (const slot of scope) {
      for (const grant of this.#sharersOf(slot)) {
        const row = this.#grants.get(grant)
        if (row !== undefined) found.set(grant, row)
      }
    }
    return [...found.values()]
  }

  #sharersOf(slot: Slot): Iterable<GrantId> {
    const sharers = this.#bySlot.get(slot)
    return sharers === undefined ? [] : typeof sharers === 'string' ? [sharers] : sharers
  }

  replace(row: GrantAtPoint): void {
    this.#grants.set(row.grant.grant, row)
  }

  remove(row: GrantAtPoint): void {
    this.#grants.delete(row.grant.grant)
    for (const slot of slotsOf(row.grant)) {
      const sharers = this.#bySlot.get(slot)
      if (sharers instanceof Set) sharers.delete(row.grant.grant)
      if (sharers === row.grant.grant || (sharers instanceof Set && sharers.size === 0)) this.#bySlot.delete(slot)
    }
  }
}

function endsQueue(): TinyQueue<End> {
  return new TinyQueue<End>([], (a, b) => a.until - b.until)
}

/** What the grants ask for at `now`: those not revoked and not ended. */
export function openingsOf(rows: readonly GrantAtPoint[], now: Instant): Opening[] {
  return rows.filter(({ grant }) => isWanted(grant, now)).map(({ grant }) => grant)
}
