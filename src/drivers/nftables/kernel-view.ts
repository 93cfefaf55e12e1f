/**
 * What a pass sees of this host: the whole kernel, read; or some slots, from the mirror as long as the kernel's generation
 * proves it exact. What is due is always read.
 */
import type { Clock } from '../../app/ports/clock.ts'
import type { Scope } from '../../app/ports/driver.ts'
import type { Instant, Millis } from '../../domain/time.ts'
import type { ElementId } from './element.ts'
import { endOf } from './kernel/kernel-state.ts'
import { forgetElement, rememberElement, type Mirror } from './mirror.ts'
import { TABLE } from './nft-text.ts'
import type { GatewayForm } from './operation.ts'
import type { Observed } from './observed.ts'
import type { OwnGenerations } from './kernel/own-generations.ts'
import type { KernelReader } from './kernel/reader.ts'
import type { SlotElements } from './slot-elements.ts'

export interface KernelViewOptions {
  readonly reader: Pick<KernelReader, 'generation' | 'element'>
  readonly generations: Pick<OwnGenerations, 'skipHarmless'>
  readonly clock: Clock
  readonly uptime: () => Millis
  readonly form: () => GatewayForm
  readonly slotElements: SlotElements
  readonly read: (previous: Mirror | undefined) => Promise<Mirror>
  /** What is adrift, where the scope asks for it. */
  readonly adrift: (scope: Scope, mirror: Mirror) => Promise<Observed['adrift']>
}

export interface KernelView {
  observe(scope: Scope): Promise<Observed>
  /** Exact when this resolves. */
  current(): Promise<Mirror>
  /** What was last known, exact or not. */
  known(): Mirror | undefined
  /** What was last known, if nothing has changed since. */
  exact(): Mirror | undefined
  /** It stays as what was last known, and is read again before it is used. */
  distrust(): void
}

/** How far the clock may move against the kernel's timers before everything is read again. */
export const CLOCK_TOLERANCE: Millis = 20

export function createKernelView(options: KernelViewOptions): KernelView {
  const { reader, generations, clock, uptime, form, slotElements, read, adrift } = options
  let mirror: Mirror | undefined

  const isExact = (known: Mirror): boolean => {
    const generation = reader.generation()
    if (known.structure.form !== form()) return false
    if (generation === undefined || Math.abs(clock.now() - uptime() - known.offset) > CLOCK_TOLERANCE) return false
    known.generation = generations.skipHarmless(known.generation, generation)
    return known.generation === generation
  }

  const current = async (): Promise<Mirror> => {
    if (mirror === undefined || !isExact(mirror)) mirror = await read(mirror)
    return mirror
  }

  const observeAll = async (): Promise<Observed> => {
    mirror = await read(mirror)
    return { ...mirror, scope: 'all', adrift: await adrift('all', mirror), at: clock.now() }
  }

  const observeSlots = async (slots: Exclude<Scope, 'all'>): Promise<Observed> => {
    const known = await current()
    const elements = new Map<ElementId, Instant>()
    for (const id of [...slots].flatMap((slot) => slotElements(slot, known))) {
      const end = await provenEnd(known, id)
      if (end !== undefined) elements.set(id, end)
    }
    return { ...known, scope: slots, adrift: await adrift(slots, known), at: clock.now(), elements }
  }

  /** An element whose end has passed is read: the kernel says whether it is gone. */
  const provenEnd = async (known: Mirror, id: ElementId): Promise<Instant | undefined> => {
    const end = known.elements.get(id)
    if (end === undefined || end > clock.now()) return end
    const element = await reader.element(TABLE, id)
    if (element === undefined) forgetElement(known, id)
    else rememberElement(known, id, endOf(element, known.offset))
    return known.elements.get(id)
  }

  return {
    observe: (scope) => (scope === 'all' ? observeAll() : observeSlots(scope)),
    current,
    known: () => mirror,
    exact: () => (mirror !== undefined && isExact(mirror) ? mirror : undefined),
    distrust: () => {
      if (mirror !== undefined) mirror.generation = undefined
    },
  }
}
