/**
 * Enforcement on imagined Linux hosts: a set of protected ports and a set of elements, each with an end at which the
 * host removes it by itself, as a kernel does. Holes of TCP and of any protocol share the TCP element, which lives to
 * the latest end among them; closing one hole must not close what it shares.
 */
import type { Clock } from '../../src/app/ports/clock.ts'
import type { Driver, Plan, PlanInput, Step } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Hole, HoleKey, Slot } from '../../src/domain/access/hole.ts'
import { tellStep } from '../../src/domain/access/step.ts'
import { resourceName, type ResourceKey } from '../../src/domain/resource-id.ts'
import { formatInstant, MINUTE, type Instant } from '../../src/domain/time.ts'

/** `slot|protocol`. */
export type ElementKey = string & { readonly __brand: 'ElementKey' }

/** `port/protocol`. */
type Shut = string

export interface HostState {
  readonly shut: ReadonlySet<Shut>
  readonly elements: ReadonlyMap<ElementKey, Instant>
}

export interface HostPlan extends Plan {
  readonly shut: ReadonlySet<Shut>
  readonly put: ReadonlyMap<ElementKey, Instant>
  readonly remove: ReadonlySet<ElementKey>
}

const PREFIX = 'memory-host:'
const EMPTY: HostState = { shut: new Set(), elements: new Map() }

export function pointOfHost(machine: ResourceKey): PointId {
  return `${PREFIX}${machine}` as PointId // the one place that makes these names
}

/** The hosts' kernels: what they let in depends on the clock alone. */
export class MemoryHosts {
  readonly #clock: Clock
  readonly #hosts = new Map<PointId, HostState>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  look(point: PointId): HostState {
    const { shut, elements } = this.#hosts.get(point) ?? EMPTY
    const now = this.#clock.now()
    return { shut, elements: new Map([...elements].filter(([, until]) => now < until)) }
  }

  change(point: PointId, change: (state: HostState) => HostState): void {
    this.#hosts.set(point, change(this.look(point)))
  }
}

export function hostDriver(hosts: MemoryHosts): Driver<HostState, HostPlan> {
  return {
    kind: 'memory-host',
    closesByItself: true,
    heartbeat: MINUTE,
    observe: async (point, _scope, signal) => {
      signal.throwIfAborted()
      return hosts.look(point)
    },
    plan: planHost,
    apply: async (point, plan, signal) => {
      signal.throwIfAborted()
      hosts.change(point, ({ elements }) => ({
        shut: plan.shut,
        elements: new Map([...[...elements].filter(([key]) => !plan.remove.has(key)), ...plan.put]),
      }))
    },
    preflight: async () => [],
    watch: () => () => {},
  }
}

function planHost({ desired, observed, scope }: PlanInput<HostState>): HostPlan {
  const inScope = (slot: Slot): boolean => scope === 'all' || scope.has(slot)
  const shut = new Set(
    desired.shields.flatMap(({ ports }) => ports.map(({ number, protocol }) => `${number}/${protocol}`)),
  )
  const wanted = wantedElements(desired.holes.filter(({ slot }) => inScope(slot)))
  const put = new Map([...wanted].filter(([key, until]) => observed.elements.get(key) !== until))
  const remove = new Set([...observed.elements.keys()].filter((key) => inScope(slotOfElement(key)) && !wanted.has(key)))
  const lets = (hole: Hole): boolean => elementsOf(hole).every((key) => observed.elements.has(key))
  return {
    shut,
    put,
    remove,
    steps: [...protectSteps(observed.shut, shut), ...elementSteps(observed, put, remove)],
    held: new Set<HoleKey>(desired.holes.filter(lets).map(({ key }) => key)),
    lingering: new Set([...remove].map(slotOfElement)),
    impossible: new Map(),
    journal: [],
  }
}

function wantedElements(holes: readonly Hole[]): Map<ElementKey, Instant> {
  const wanted = new Map<ElementKey, Instant>()
  for (const hole of holes)
    for (const key of elementsOf(hole)) wanted.set(key, Math.max(wanted.get(key) ?? 0, hole.until))
  return wanted
}

export function elementsOf({ slot, protocol }: Pick<Hole, 'slot' | 'protocol'>): ElementKey[] {
  const protocols = protocol === '*' ? ['TCP', 'UDP'] : [protocol]
  return protocols.map((each) => `${slot}|${each}` as ElementKey) // the one place that makes keys
}

function slotOfElement(key: ElementKey): Slot {
  return key.slice(0, key.lastIndexOf('|')) as Slot // what elementsOf put there
}

function protectSteps(is: ReadonlySet<Shut>, shall: ReadonlySet<Shut>): Step[] {
  return [
    ...[...shall]
      .filter((port) => !is.has(port))
      .map((port) => ({ kind: 'protect' as const, ...tellStep('ProtectPort', { port }) })),
    ...[...is]
      .filter((port) => !shall.has(port))
      .map((port) => ({ kind: 'unprotect' as const, ...tellStep('UnprotectPort', { port }) })),
  ]
}

function elementSteps(is: HostState, put: HostPlan['put'], remove: HostPlan['remove']): Step[] {
  const opening = [...put].map(([key, end]): Step => {
    const facts = { ...placeOf(key), until: formatInstant(end) }
    return is.elements.has(key)
      ? { kind: 'extend', ...tellStep('ExtendHole', facts) }
      : { kind: 'open', ...tellStep('OpenHole', facts) }
  })
  return [...opening, ...[...remove].map((key): Step => ({ kind: 'close', ...tellStep('CloseHole', placeOf(key)) }))]
}

function placeOf(key: ElementKey): { readonly port: string; readonly machine: string; readonly source: string } {
  const [machine = '', port = '', source = '', protocol = ''] = key.split('|')
  const name = resourceName(machine as Parameters<typeof resourceName>[0]) // a key is an id in lower case
  return { port: `${port}/${protocol}`, machine: name, source }
}
