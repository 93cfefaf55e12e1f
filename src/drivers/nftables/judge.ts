/**
 * The difference between what the host should carry and what it carries, as typed operations and as sentences. Pure.
 */
import type { JournalEntry, Plan, PlanInput, Step } from '../../app/ports/driver.ts'
import type { Hole, HoleKey, Slot } from '../../domain/access/hole.ts'
import type { ProtectedPort, Shield } from '../../domain/access/desired.ts'
import { failure, type Failure } from '../../domain/access/failure.ts'
import { tellStep, type ToldStep } from '../../domain/access/step.ts'
import { farEnd, isByHole, onExpiryOf, type Flow } from '../../domain/access/flow.ts'
import type { Gateway } from '../../domain/hosts/gateway.ts'
import { writeReaches } from '../../domain/access/reach.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import type { Clause } from '../../domain/sentence.ts'
import { formatInstant, type Instant, type Millis } from '../../domain/time.ts'
import {
  managedKeys,
  parseManagedKey,
  parseSetName,
  protocolName,
  setName,
  setOf,
  type BehindKey,
  type ElementId,
  type ManagedKey,
  type PrefixSet,
} from './element.ts'
import { NOTHING_BESIDE, warningsBeside } from './foreign/beside.ts'
import { anywhereFor, describeSource, keepsFor, unknownFor } from './foreign/foreign.ts'
import { keepsBehind } from './foreign/foreign-forward.ts'
import { gatewayWays } from './gateway/gateway-ways.ts'
import { behindFrom, journalOf, journalOfBehind, sessionsFrom, type SessionsState } from './journal.ts'
import { SET_SIZE } from './nft-text.ts'
import type { Observed } from './observed.ts'
import type { GatewayForm, Operation } from './operation.ts'
import { changedShieldsBehind, wantedBehind } from './gateway/shields-behind.ts'
import { unionOfSets } from './kernel/structure.ts'
import { flowFrom, ownerOf } from './flows/tracked-flow.ts'
import { hostWays, type Way, type WaysIn } from './ways-in.ts'

export interface NftablesPlan extends Plan {
  readonly operations: readonly Operation[]
}

export interface JudgeOptions {
  /** The machine that this kernel is. */
  readonly machine: ResourceKey
  /** How much an element's end may differ from the wanted one: less is what reading costs, more is a clock that moved. */
  readonly tolerance: Millis
  /** How coarse the reading is: an end is known to lie within it. */
  readonly resolution: Millis
  /** Where this host protects machines behind it too. */
  readonly gateway?: Gateway | undefined
}

type Input = PlanInput<Observed>

export function judge(options: JudgeOptions, input: Input): NftablesPlan {
  const host = hostWays(options.machine)
  const behind = options.gateway === undefined ? undefined : gatewayWays(options.gateway, input, host)
  const ways = behind ?? host
  const wanted: Wanted = {
    ports: wantedPorts(options, input),
    behind: wantedBehind(options.gateway, input),
    form: formOf(options.gateway),
  }
  if (wanted.ports.size + wanted.behind.size === 0)
    return input.scope === 'all' ? judgeRemoval(ways, input) : nothingToProtect(input)
  const holes = judgeHoles({ options, input, ways })
  const keeps = judgeKeeps({ options, input, ways }, wanted)
  const structure = judgeStructure({ options, input, ways }, wanted, [...holes.sets, ...keeps.sets])
  const flows = judgeFlows(options, input)
  return {
    steps: [...structure.steps, ...keeps.steps, ...holes.steps, ...flows.steps],
    operations: [...structure.operations, ...keeps.operations, ...holes.operations, ...flows.operations],
    cut: flows.cut,
    held: holes.held,
    lingering: holes.lingering,
    impossible: holes.impossible,
    // In the order in which the store gives them back, so that equal journals are seen to be equal.
    journal: [...structure.journal, ...(behind === undefined ? [] : writeReaches(behind.reaches))].sort((a, b) =>
      a.key < b.key ? -1 : 1,
    ),
  }
}

interface Wanted {
  readonly ports: ReadonlySet<ManagedKey>
  readonly behind: ReadonlySet<BehindKey>
  readonly form: GatewayForm
}

/** What every part of the judgement looks at. */
interface Ground {
  readonly options: JudgeOptions
  readonly input: Input
  readonly ways: WaysIn
}

export function formOf(gateway: Gateway | undefined): GatewayForm {
  return gateway === undefined ? 'none' : gateway.snat ? 'snat' : 'client'
}

/** Those of the host itself. */
function ownShields({ machine }: JudgeOptions, { desired }: Input): Shield[] {
  return desired.shields.filter((shield) => resourceKey(shield.machine) === machine)
}

/** In a pass over some slots nothing is unprotected: only a look at everything may take a shield away. */
function wantedPorts(options: JudgeOptions, input: Input): Set<ManagedKey> {
  const wanted = new Set(ownShields(options, input).flatMap(({ ports }) => ports.flatMap(managedKeys)))
  if (input.scope !== 'all') for (const key of input.observed.managed) wanted.add(key)
  return wanted
}

/** No shield is left: the host gets back the ruleset that it had. */
function judgeRemoval(ways: WaysIn, { desired, observed }: Input): NftablesPlan {
  const isThere = observed.structure.state !== 'absent' || observed.hasBaseTable
  const ports = [...observed.managed].map(describePort).join(', ')
  const lingering = [...observed.elements.keys()].flatMap((id) => ways.slotOf(id) ?? [])
  return {
    steps: isThere
      ? [
          {
            kind: 'unprotect',
            ...(ports === '' ? tellStep('RemoveTableOfHost', {}) : tellStep('RemoveTable', { ports })),
          },
        ]
      : [],
    operations: isThere ? [{ kind: 'remove' }] : [],
    held: new Set(),
    lingering: new Set(lingering),
    impossible: new Map(desired.holes.map((hole) => [hole.key, notProtected(hole)])),
    journal: [],
  }
}

function nothingToProtect({ desired, scope, journal }: Input): NftablesPlan {
  const holes = desired.holes.filter((hole) => scope === 'all' || scope.has(hole.slot))
  const impossible = new Map(holes.map((hole) => [hole.key, notProtected(hole)]))
  return { steps: [], operations: [], held: new Set(), lingering: new Set(), impossible, journal }
}

function notProtected(hole: Hole): Failure {
  return failure('PortNotProtected', { port: hole.port })
}

interface Part {
  readonly steps: readonly Step[]
  readonly operations: readonly Operation[]
}

function judgeStructure(
  { options, input }: Ground,
  wanted: Wanted,
  sets: readonly PrefixSet[],
): Part & { journal: JournalEntry[] } {
  const { observed } = input
  const known = sessionsFrom(input.journal)
  const done = behindFrom(input.journal)
  const allSets = unionOfSets(observed.structure.sets, sets)
  const added = [...wanted.ports].filter((key) => !observed.managed.has(key))
  const removed = [...observed.managed].filter((key) => !wanted.ports.has(key))
  const behind = changedShieldsBehind({ gateway: options.gateway, input, wanted: wanted.behind, done })
  const { state, form } = observed.structure
  const isSame = added.length + removed.length === 0 && !behind.isChanged && form === wanted.form
  const isRight = state === 'exact' && !observed.hasBaseTable && isSame
  const states = sessionStates({ wanted: wanted.ports, known, isRight })
  const due = isRight ? [] : [...states].filter(([, state]) => state === 'due').map(([key]) => key)
  const write = !isRight || allSets.length > observed.structure.sets.length
  const protecting = added
    .filter((key) => known.get(key) !== 'done')
    .flatMap((key) => protectSteps(input, key, ownShields(options, input)))
  return {
    steps: [
      ...protecting,
      ...removed.map((key): Step => ({ kind: 'unprotect', ...tellStep('UnprotectPort', { port: describePort(key) }) })),
      ...behind.steps,
      ...([...protecting, ...behind.steps].some(({ kind }) => kind === 'protect') ? besideSteps(input) : []),
      ...repairSteps(input, {
        lost: [...added.filter((key) => known.get(key) === 'done').map(describePort), ...behind.lost],
        isOtherForm: form !== wanted.form,
      }),
      ...(write && isRight
        ? [{ kind: 'repair' as const, ...tellStep('MakeRoom', { sets: newSets(observed, allSets) }) }]
        : []),
    ],
    operations: [
      ...(write ? [structureOperation(input, wanted, allSets)] : []),
      ...(due.length > 0 ? [{ kind: 'seed' as const, ports: due }] : []),
    ],
    journal: [...journalOfBehind(isRight ? wanted.behind : done.intersection(wanted.behind)), ...journalOf(states)],
  }
}

/** Building anew loses every hole, so it is left to a pass that puts all of them back. */
function structureOperation({ observed, scope }: Input, wanted: Wanted, sets: readonly PrefixSet[]): Operation {
  const { state, strays } = observed.structure
  const structure = {
    sets,
    managed: [...wanted.ports].sort(),
    gateway: wanted.form,
    behind: [...wanted.behind].sort(),
  }
  return { kind: 'structure', structure, strays, rebuild: scope === 'all' && state === 'unusable' }
}

function newSets(observed: Observed, sets: readonly PrefixSet[]): string {
  const standing = new Set(observed.structure.sets.map(setName))
  return sets
    .map(setName)
    .filter((name) => !standing.has(name))
    .join(', ')
}

/** A port counts as done once the kernel was seen right with it protected; until then its sessions are let go on again. */
function sessionStates({
  wanted,
  known,
  isRight,
}: {
  wanted: ReadonlySet<ManagedKey>
  known: ReadonlyMap<ManagedKey, SessionsState>
  isRight: boolean
}): Map<ManagedKey, SessionsState> {
  return new Map([...wanted].map((key) => [key, isRight ? 'done' : (known.get(key) ?? 'due')]))
}

/** Says before what will be closed, and what a person must look at. */
function protectSteps({ observed }: Input, key: ManagedKey, shields: readonly Shield[]): Step[] {
  const policies = shields
    .filter(({ ports }) => ports.some((port) => managedKeys(port).includes(key)))
    .map(({ policy }) => policy)
  const port = describePort(key)
  const ends = anywhereFor(observed.foreign, key).map(({ place: rule, match }) =>
    tellStep('EndsRuleOfHost', { rule, source: describeSource(match) }),
  )
  const unread = unknownFor(observed.foreign, key).map(({ place: rule }): Step => ({
    kind: 'protect',
    ...tellStep('UnreadRuleOfHost', { rule, port }),
  }))
  return [{ kind: 'protect', ...tellStep('CloseOnHost', { port, policy: policies.join(', ') }, ends) }, ...unread]
}

/** What nobody can read may still keep out whom we let in. */
function besideSteps({ observed: { foreign } }: Input): Step[] {
  return warningsBeside(foreign.beside ?? NOTHING_BESIDE).map((said): Step => ({ kind: 'protect', ...said }))
}

interface Lost {
  /** Ports that were closed before. */
  readonly lost: readonly string[]
  readonly isOtherForm: boolean
}

function repairSteps({ observed }: Input, { lost, isOtherForm }: Lost): Step[] {
  const { structure, hasBaseTable } = observed
  const found = [
    ...structure.differences,
    ...(lost.length > 0 ? [tellStep('StoodOpen', { ports: lost.join(', ') })] : []),
    ...(isOtherForm ? [tellStep('OtherGateway', {})] : []),
    ...(hasBaseTable ? [tellStep('BootTableStands', {})] : []),
  ]
  return found.length === 0 ? [] : [{ kind: 'repair', ...tellStep('WriteTable', {}, found) }]
}

function judgeKeeps({ input, ways }: Ground, wanted: Wanted): Part & { sets: PrefixSet[] } {
  const { observed, scope } = input
  if (scope !== 'all') return { steps: [], operations: [], sets: [] }
  const desired = [...keepsFor(observed.foreign, wanted.ports), ...keepsBehind(observed.foreign.forward, wanted.behind)]
  const wantedIds = new Set(desired.map(({ id }) => id))
  const missing = desired.filter(({ id }) => !observed.keeps.has(id))
  const stale = [...observed.keeps].filter((id) => !wantedIds.has(id))
  return {
    steps: [
      ...missing.map(({ id, place }): Step => ({
        kind: 'import',
        ...tellStep('KeepRuleOfHost', { ...ways.wayOfElement(id), rule: place }),
      })),
      ...stale.map((id): Step => ({
        kind: 'close',
        ...tellStep('DropRuleOfHost', ways.wayOfElement(id)),
      })),
    ],
    operations: [
      ...missing.map(({ id }): Operation => ({ kind: 'keep', id })),
      ...stale.map((id): Operation => ({ kind: 'unkeep', id })),
    ],
    sets: missing.flatMap(({ id }) => parseSetName(setOf(id)) ?? []),
  }
}

/** What lives on although its hole is gone, on a port whose policy says that it ends with it. */
function judgeFlows(options: JudgeOptions, input: Input): Part & { readonly cut: readonly Flow[] } {
  const { observed, desired } = input
  const { machine, gateway } = options
  const over = observed.adrift
    .map((tracked) => ({ tracked, flow: flowFrom(ownerOf(tracked, machine, gateway), tracked) }))
    .filter(({ flow }) => onExpiryOf(flow, portsOf(flow.machine, desired.shields)) === 'cut')
    .filter(({ flow }) => !desired.holes.some((hole) => isByHole(flow, { ...hole, sources: [hole.source] })))
  return {
    steps: over.map(({ flow }): Step => ({
      kind: 'cut',
      ...tellStep('CutFlow', { from: farEnd(flow), port: `${flow.port}/${flow.protocol}` }),
    })),
    operations: over.map(({ tracked }) => ({ kind: 'cut', flow: tracked })),
    cut: over.map(({ flow }) => flow),
  }
}

function portsOf(machine: ResourceKey, shields: readonly Shield[]): ProtectedPort[] {
  return shields.filter((shield) => resourceKey(shield.machine) === machine).flatMap(({ ports }) => ports)
}

interface HolesPart extends Part {
  readonly held: Set<HoleKey>
  readonly lingering: Set<Slot>
  readonly impossible: Map<HoleKey, Failure>
  readonly sets: PrefixSet[]
}

/** A desired hole and the elements that it comes down to. */
interface WantedHole {
  readonly hole: Hole
  readonly ids: readonly ElementId[]
}

/** Written for 100,000 holes at a time: one look at each hole, one at each element. */
function judgeHoles({ options, input, ways }: Ground): HolesPart {
  const { observed } = input
  const { wanted, impossible } = wantedHoles(input, ways)
  const ends = endsOf(wanted)
  const { wrong, changed, present } = compareEnds(options, observed, ends)
  const isSurplus = present < observed.elements.size
  const surplus = isSurplus ? [...observed.elements.keys()].filter((id) => !ends.has(id)) : []
  return {
    // First what closes: an expired hole must not wait behind what opens.
    operations: [
      ...surplus.map((id): Operation => ({ kind: 'revoke', id })),
      ...[...changed].map(([id, until]): Operation => ({
        kind: observed.elements.has(id) ? 'upsert' : 'create',
        id,
        until,
      })),
    ],
    steps: [
      ...surplus.map((id): Step => ({ kind: 'close', ...tellStep('CloseWay', ways.wayOfElement(id)) })),
      ...wanted.flatMap((one) => openStep(one, { observed, changed, ways })),
    ],
    held: new Set(wanted.filter(({ ids }) => !ids.some((id) => wrong.has(id))).map(({ hole }) => hole.key)),
    lingering: new Set(surplus.map((id) => ways.slotOf(id)).filter((slot) => slot !== undefined)),
    impossible,
    sets: [...new Set([...changed.keys()].map(setOf))].flatMap((name) => parseSetName(name) ?? []),
  }
}

function wantedHoles(
  { desired, observed, scope, now }: Input,
  ways: WaysIn,
): {
  wanted: WantedHole[]
  impossible: Map<HoleKey, Failure>
} {
  const impossible = new Map<HoleKey, Failure>()
  const wanted: WantedHole[] = []
  const room = createRoom(observed)
  for (const hole of desired.holes) {
    if (hole.until <= now || (scope !== 'all' && !scope.has(hole.slot))) continue
    const ids = ways.idsOf(hole)
    if ('code' in ids) impossible.set(hole.key, ids)
    else if (room.takes(ids)) wanted.push({ hole, ids })
    else impossible.set(hole.key, tooMany())
  }
  return { wanted, impossible }
}

/** A full set refuses the whole transaction: what does not fit is told apart, so that the rest still opens. */
function createRoom({ counts, elements }: Observed): { takes(ids: readonly ElementId[]): boolean } {
  const used = new Map(counts)
  const usedOf = (id: ElementId): number => used.get(setOf(id)) ?? 0
  return {
    takes: (ids) => {
      if (ids.every((id) => elements.has(id))) return true
      const added = ids.filter((id) => !elements.has(id))
      if (added.some((id) => usedOf(id) >= SET_SIZE)) return false
      for (const id of added) used.set(setOf(id), usedOf(id) + 1)
      return true
    },
  }
}

function tooMany(): Failure {
  return failure('TooManyHoles', { most: SET_SIZE })
}

/** Several holes may share an element: it lives to the latest end. */
function endsOf(wanted: readonly WantedHole[]): Map<ElementId, Instant> {
  const ends = new Map<ElementId, Instant>()
  for (const { hole, ids } of wanted) {
    for (const id of ids) {
      const end = ends.get(id)
      if (end === undefined || end < hole.until) ends.set(id, hole.until)
    }
  }
  return ends
}

type Ends = ReadonlyMap<ElementId, Instant>

interface Compared {
  /** Not in the kernel with that end. */
  readonly wrong: Ends
  /** The ones to write. */
  readonly changed: Ends
  /** How many stand in the kernel, with whatever end. */
  readonly present: number
}

function compareEnds(options: JudgeOptions, observed: Observed, ends: Ends): Compared {
  const wrong = new Map<ElementId, Instant>()
  const changed = new Map<ElementId, Instant>()
  let present = 0
  for (const [id, until] of ends) {
    const end = observed.elements.get(id)
    if (end !== undefined) present += 1
    if (isTimed(options, end, until)) continue
    wrong.set(id, until)
    // A timer may be a tick early: what is about to end, and has ended, is not opened again.
    const isOver = end === undefined && until <= observed.at + options.tolerance
    if (!isOver) changed.set(id, until)
  }
  return { wrong, changed, present }
}

/** True when the kernel's end is the wanted one, as exactly as it can be read. */
function isTimed({ tolerance, resolution }: JudgeOptions, end: Instant | undefined, until: Instant): boolean {
  return end !== undefined && end <= until + tolerance && end + resolution - 1 >= until - tolerance
}

interface Seen {
  readonly observed: Observed
  readonly changed: Ends
  readonly ways: WaysIn
}

function openStep({ hole, ids }: WantedHole, { observed, changed, ways }: Seen): Step[] {
  if (!ids.some((id) => changed.has(id))) return []
  const isOpen = ids.every((id) => observed.elements.has(id))
  const way = ways.wayOf(hole)
  const until = formatInstant(hole.until)
  return [
    isOpen
      ? { kind: 'extend', ...tellMoved({ ...way, until }) }
      : { kind: 'open', ...tellOpened({ ...way, until }, ways.notesOn(hole)) },
  ]
}

type TimedWay = Way & { readonly until: string }

function tellOpened({ machine, entrance, ...way }: TimedWay, notes: readonly Clause[]): ToldStep {
  if (machine === undefined) return tellStep('OpenWay', way, notes)
  if (entrance === undefined) return tellStep('OpenBehind', { ...way, machine }, notes)
  return tellStep('OpenMapped', { ...way, machine, entrance }, notes)
}

function tellMoved({ machine, entrance, ...way }: TimedWay): ToldStep {
  if (machine === undefined) return tellStep('MoveEnd', way)
  if (entrance === undefined) return tellStep('MoveEndBehind', { ...way, machine })
  return tellStep('MoveEndMapped', { ...way, machine, entrance })
}

function describePort(key: ManagedKey): string {
  const parsed = parseManagedKey(key)
  return parsed === undefined ? key : `${parsed.port}/${protocolName(parsed.protocol)}`
}
