/** What the keeper's next pass is for. What comes while one is under way is gathered, and is one pass. Pure. */
import type { Scope } from '../../app/ports/driver.ts'
import type { Slot } from '../../domain/access/hole.ts'

export interface Due {
  /** What a document changed, or what has ended. */
  readonly slots: ReadonlySet<Slot>
  /** What somebody wants to be looked at, who changed nothing. */
  readonly shown: ReadonlySet<Slot>
  readonly everything: boolean
  /** Somebody waits for what is seen. */
  readonly isAsked: boolean
  /** The questions that are answered by it. */
  readonly answers: readonly string[]
  /** Somebody wants to know who is connected. */
  readonly flows: boolean
  /** Who changed what stands here; empty when nobody did, '' for somebody without a name. */
  readonly foreign: ReadonlySet<string>
  /** The shields, or what the host is, changed: or the last pass failed. */
  readonly isReshaped: boolean
}

export const NOTHING_DUE: Due = {
  slots: new Set(),
  shown: new Set(),
  everything: false,
  isAsked: false,
  answers: [],
  flows: false,
  foreign: new Set(),
  isReshaped: false,
}

export function isDue({ slots, everything, isAsked }: Due): boolean {
  return slots.size > 0 || everything || isAsked
}

export function withMore(due: Due, more: Partial<Due>): Due {
  const next = { ...NOTHING_DUE, ...more }
  return {
    slots: due.slots.union(next.slots),
    shown: due.shown.union(next.shown),
    everything: due.everything || next.everything,
    isAsked: due.isAsked || next.isAsked,
    answers: [...due.answers, ...next.answers],
    flows: due.flows || next.flows,
    foreign: due.foreign.union(next.foreign),
    isReshaped: due.isReshaped || next.isReshaped,
  }
}

/** `ended`: what has ended meanwhile is looked at with whatever else is. */
export function scopeOf({ everything, slots, shown }: Due, ended: ReadonlySet<Slot>): Scope {
  return everything ? 'all' : slots.union(shown).union(ended)
}

/** What differs is as somebody wanted it: nobody else did it. */
export function isChange({ isReshaped, slots }: Due): boolean {
  return isReshaped || slots.size > 0
}

export function isForeign(due: Due): boolean {
  return due.foreign.size > 0 || !(isChange(due) || due.isAsked)
}

export function namesOf({ foreign }: Due): { by?: string } {
  const names = [...foreign].filter((name) => name !== '')
  return names.length === 0 ? {} : { by: names.join(', ') }
}
