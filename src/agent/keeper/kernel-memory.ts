/** What was seen of the kernel, and of which document: what one pass leaves to the next, and what the server is told. Pure. */
import type { JournalEntry, Plan, Scope } from '../../app/ports/driver.ts'
import type { HostState, WireHole, WireShield } from '../../contract/agent.ts'
import type { HoleKey, Slot } from '../../domain/access/hole.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Sentence } from '../../domain/sentence.ts'
import type { Instant } from '../../domain/time.ts'
import type { Wanted } from './desired-of-document.ts'
import { reasonOnWire, saidOnWire } from './said-on-wire.ts'

export interface KernelMemory {
  readonly version: string
  /** Of that document; they stand when everything does. */
  readonly shields: readonly WireShield[]
  readonly held: ReadonlyMap<HoleKey, { readonly slot: Slot; readonly wire: WireHole }>
  readonly lingering: ReadonlySet<Slot>
  readonly impossible: ReadonlyMap<HoleKey, Refusal>
  readonly left: readonly Sentence[]
  /** Everything was looked at since the start or the last failure, and nothing was left to do but what is named. */
  readonly isWhole: boolean
}

export const NOTHING_SEEN: KernelMemory = {
  version: '',
  shields: [],
  held: new Map(),
  lingering: new Set(),
  impossible: new Map(),
  left: [],
  isWhole: false,
}

export interface KernelSeen {
  readonly wanted: Wanted
  readonly scope: Scope
  /** Of the last look. */
  readonly plan: Plan
  readonly impossible: ReadonlyMap<HoleKey, Refusal>
}

/** Outside the scope it stays what was seen before. */
export function remembered(before: KernelMemory, { wanted, scope, plan, impossible }: KernelSeen): KernelMemory {
  const isOutside = (slot: Slot): boolean => scope !== 'all' && !scope.has(slot)
  const outside = [...before.held].filter(([, { slot }]) => isOutside(slot))
  const held = new Map(
    outside.map(([key, one]) => [key, { ...one, wire: newest(one.wire, wanted.holes.get(key)?.wire) }]),
  )
  for (const key of plan.held) {
    const found = wanted.holes.get(key)
    if (found !== undefined) held.set(key, { slot: found.hole.slot, wire: found.wire })
  }
  const kept = [...before.impossible].filter(([key]) => wanted.holes.has(key) && !plan.held.has(key))
  return {
    version: wanted.document.version,
    shields: wanted.document.shields,
    held,
    lingering: new Set([...[...before.lingering].filter(isOutside), ...plan.lingering]),
    impossible: new Map([...(scope === 'all' ? [] : kept), ...impossible]),
    left: plan.steps,
    isWhole: scope === 'all' ? plan.steps.length === 0 : before.isWhole && plan.steps.length === 0,
  }
}

/** Whom a hole serves may have changed although its end did not. */
function newest(seen: WireHole, wanted: WireHole | undefined): WireHole {
  return wanted?.until === seen.until ? wanted : seen
}

/** Nothing is known any more but why. */
export function afterFailure(before: KernelMemory, wanted: Wanted | undefined, why: string): KernelMemory {
  return { ...before, version: wanted?.document.version ?? '', isWhole: false, left: [{ text: why }] }
}

export function stateFrom(memory: KernelMemory, journal: readonly JournalEntry[]): HostState {
  return {
    version: memory.version,
    shields: memory.isWhole ? [...memory.shields] : [],
    held: [...memory.held.values()].map(({ wire }) => wire),
    lingering: [...memory.lingering],
    impossible: [...memory.impossible].map(([hole, reason]) => ({ hole, ...reasonOnWire(reason) })),
    left: memory.left.map(({ text }) => text),
    ...(memory.left.length > 0 && { leftSteps: memory.left.map(saidOnWire) }),
    journal: journal.map(({ key, value }) => ({ key, value })),
  }
}

/** Where a hole was seen whose end has come. */
export function endedBy({ held }: KernelMemory, now: Instant): ReadonlySet<Slot> {
  const ended = new Set<Slot>()
  for (const { slot, wire } of held.values()) if (wire.until <= now) ended.add(slot)
  return ended
}

export function nextEnd({ held }: KernelMemory): Instant | undefined {
  let next: Instant | undefined
  for (const { wire } of held.values()) if (next === undefined || wire.until < next) next = wire.until
  return next
}
