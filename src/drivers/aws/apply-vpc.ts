/**
 * Carries out the operations of a plan, one after another, and waits until each is seen: EC2 shows a change some time
 * after it said yes. What was done already, by an earlier try whose answer never came, counts as done once it is seen.
 *
 * It must never go on to revoke a rule before what stands in for it is seen.
 */
import type { Millis } from '../../domain/time.ts'
import type { Belt } from './belt.ts'
import { isFault, type Ec2 } from './ec2.ts'
import { trafficKey, type NewRule, type Tags } from './group-rule.ts'
import { hasTags } from './jit-openings.ts'
import type { GroupRef, Operation } from './operation.ts'

export interface ApplyVpc {
  readonly ec2: Ec2
  readonly vpc: string
  /** Where it is on. It must not reject: openings and closings do not wait for it. */
  readonly belt?: Pick<Belt, 'put' | 'remove'>
  readonly sleep: (millis: Millis, signal: AbortSignal) => Promise<void>
}

/** Calls that do not wait for each other; more would only be throttled. */
const AT_ONCE = 8

export async function applyVpc(deps: ApplyVpc, operations: readonly Operation[], signal: AbortSignal): Promise<void> {
  const run: Run = { ...deps, signal, made: new Map(), unseen: [] }
  for (const alike of runsOf(operations)) {
    if (alike[0]?.kind === 'revoke' || alike[0]?.kind === 'delete' || alike[0]?.kind === 'attach') await untilSeen(run)
    await atOnce(alike, async (operation) => {
      signal.throwIfAborted()
      await carryOut(run, operation)
    })
  }
  await untilSeen(run)
}

/** Neighbours of one kind are about different groups, interfaces or rules, so their order makes no difference. */
function runsOf(operations: readonly Operation[]): Operation[][] {
  const runs: Operation[][] = []
  for (const operation of operations) {
    const last = runs.at(-1)
    if (last?.[0]?.kind === operation.kind) last.push(operation)
    else runs.push([operation])
  }
  return runs
}

/** All are tried; the first failure is told. What comes after them is not begun then. */
async function atOnce<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const worker = async (): Promise<void> => {
    for (const item of waiting) await act(item)
  }
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

interface Run extends ApplyVpc {
  readonly signal: AbortSignal
  /** Groups made by this run, by name. */
  readonly made: Map<string, string>
  unseen: Effect[]
}

/** Something that was done and must be seen. */
type Effect =
  | { readonly kind: 'present'; readonly group: string; readonly rule: NewRule }
  | { readonly kind: 'absent'; readonly group: string; readonly rule: string }
  | { readonly kind: 'tagged'; readonly group: string; readonly rule: string; readonly tags: Tags }
  | { readonly kind: 'deleted'; readonly deleted: string }
  | { readonly kind: 'carries'; readonly networkInterface: string; readonly groups: readonly string[] }

async function carryOut(run: Run, operation: Operation): Promise<void> {
  switch (operation.kind) {
    case 'create':
      await create(run, operation)
      return seal(run, idOf(run, operation))
    case 'seal':
      return seal(run, operation.group)
    case 'authorize':
      return authorize(run, idOf(run, operation.group), operation.rules)
    case 'revoke':
      return revoke(run, operation)
    case 'tag':
      return tag(run, operation)
    case 'attach':
      return attach(run, operation)
    case 'delete':
      return remove(run, operation.group)
    case 'schedule':
      return run.belt?.put(operation.schedule, run.signal)
    case 'unschedule':
      return run.belt?.remove(operation.name, run.signal)
  }
}

function idOf({ made }: Run, group: GroupRef): string {
  const id = 'id' in group ? group.id : made.get(group.name)
  if (id === undefined) throw new Error(`expected a group made before, got ${JSON.stringify(group)}`)
  return id
}

async function create(run: Run, { name, description, tags }: Operation & { kind: 'create' }): Promise<void> {
  const { ec2, vpc, signal, made } = run
  try {
    made.set(name, await ec2.createGroup({ vpc, name, description, tags }, signal))
  } catch (cause) {
    if (!isFault(cause, 'InvalidGroup.Duplicate')) throw cause
    made.set(name, await untilFound(run, async () => (await ec2.groups({ vpc, names: [name] }, signal))[0]?.id))
  }
}

/**
 * Before any interface carries it: it would let everything out. A new group's own outbound rules may not be shown yet, so
 * they are revoked unseen.
 */
async function seal(run: Run, group: string): Promise<void> {
  const { ec2, signal } = run
  await again(run, () => ec2.revokeDefaultOutbound(group, signal))
  const { outbound } = await ec2.rules([group], signal)
  const ids = outbound.map(({ id }) => id)
  if (ids.length > 0)
    await eachAlone(ids, (some) => ec2.revoke(group, { direction: 'outbound', ids: some }, signal), GONE)
  await untilFound(run, async () => ((await ec2.rules([group], signal)).outbound.length === 0 ? true : undefined))
}

/** The service takes all rules of a call or none: if one is there already, each is asked for alone. */
async function authorize(run: Run, group: string, rules: readonly NewRule[]): Promise<void> {
  const { ec2, signal, unseen } = run
  const ask = (some: readonly NewRule[]): Promise<void> => again(run, () => ec2.authorize(group, some, signal))
  await eachAlone(rules, ask, ['InvalidPermission.Duplicate'])
  unseen.push(...rules.map((rule): Effect => ({ kind: 'present', group, rule })))
}

async function revoke({ ec2, signal, unseen }: Run, { group, rules }: Operation & { kind: 'revoke' }): Promise<void> {
  const ask = (ids: readonly string[]): Promise<void> => ec2.revoke(group, { direction: 'inbound', ids }, signal)
  await eachAlone(rules, ask, GONE)
  unseen.push(...rules.map((rule): Effect => ({ kind: 'absent', group, rule })))
}

const GONE = ['InvalidPermission.NotFound', 'InvalidSecurityGroupRuleId.NotFound', 'InvalidGroup.NotFound']

/** What is done already is no fault. Reading first would not help: a change is shown later than it is known. */
async function eachAlone<T>(
  items: readonly T[],
  ask: (items: readonly T[]) => Promise<void>,
  done: readonly string[],
): Promise<void> {
  try {
    await ask(items)
  } catch (cause) {
    if (!isFault(cause, ...done)) throw cause
    if (items.length > 1) for (const item of items) await ask([item]).catch(unlessFault(...done))
  }
}

async function tag({ ec2, signal, unseen }: Run, { group, rule, tags }: Operation & { kind: 'tag' }): Promise<void> {
  await ec2.tag(rule, tags, signal)
  unseen.push({ kind: 'tagged', group, rule, tags })
}

/**
 * The service takes the whole list and asks for no version, so it is read at the last moment. It is written also when it
 * reads as it should: what is shown may be older than what is.
 */
async function attach(run: Run, { networkInterface, add, remove }: Operation & { kind: 'attach' }): Promise<void> {
  const { ec2, signal, unseen } = run
  const [one] = await ec2.interfaces({ ids: [networkInterface] }, signal)
  if (one === undefined) return
  const kept = one.groups.filter((group) => !remove.includes(group))
  const groups = [...new Set([...kept, ...add.map((group) => idOf(run, group))])]
  await again(run, () => ec2.setGroups(networkInterface, groups, signal))
  unseen.push({ kind: 'carries', networkInterface, groups })
}

/** An interface that has given the group up may be counted among its users for a while. */
async function remove(run: Run, group: string): Promise<void> {
  const { ec2, signal, unseen } = run
  await again(run, () => ec2.deleteGroup(group, signal), 'DependencyViolation').catch(
    unlessFault('InvalidGroup.NotFound'),
  )
  unseen.push({ kind: 'deleted', deleted: group })
}

function unlessFault(...codes: readonly string[]): (cause: unknown) => void {
  return (cause) => {
    if (!isFault(cause, ...codes)) throw cause
  }
}

// ── Until it is seen ───────────────────────────────────────────────────────────────────────────────────────────────

/** 50 ms, 100 ms … 3.2 s: about 6 s together. What is not seen by then is left to the next pass. */
const WAITS: readonly Millis[] = [50, 100, 200, 400, 800, 1_600, 3_200]

async function untilSeen(run: Run): Promise<void> {
  if (run.unseen.length === 0) return
  await untilFound(run, async () => {
    run.unseen = await stillUnseen(run)
    return run.unseen.length === 0 ? true : undefined
  })
}

async function stillUnseen({ ec2, signal, unseen }: Run): Promise<Effect[]> {
  const groups = [...new Set(unseen.flatMap((effect) => ('group' in effect ? [effect.group] : [])))]
  const { inbound } = groups.length === 0 ? { inbound: [] } : await ec2.rules(groups, signal)
  const keys = new Set(inbound.map((rule) => `${rule.group}|${trafficKey(rule)}`))
  const byId = new Map(inbound.map((rule) => [rule.id, rule]))
  const changed = unseen.flatMap((effect) => (effect.kind === 'carries' ? [effect.networkInterface] : []))
  const interfaces = changed.length === 0 ? [] : await ec2.interfaces({ ids: changed }, signal)
  const carried = new Map(interfaces.map((one) => [one.id, new Set(one.groups)]))
  const deleted = unseen.flatMap((effect) => (effect.kind === 'deleted' ? [effect.deleted] : []))
  const shown = new Set(deleted.length === 0 ? [] : (await ec2.groups({ ids: deleted }, signal)).map(({ id }) => id))
  return unseen.filter((effect) => {
    switch (effect.kind) {
      case 'present':
        return !keys.has(`${effect.group}|${trafficKey(effect.rule)}`)
      case 'absent':
        return byId.has(effect.rule)
      case 'tagged': {
        const rule = byId.get(effect.rule)
        return rule !== undefined && !hasTags(rule, effect.tags)
      }
      case 'deleted':
        return shown.has(effect.deleted)
      case 'carries': {
        const now = carried.get(effect.networkInterface)
        return (
          now !== undefined && (now.size !== effect.groups.length || !effect.groups.every((group) => now.has(group)))
        )
      }
    }
  })
}

async function untilFound<T>({ sleep, signal }: Run, look: () => Promise<T | undefined>): Promise<T> {
  for (const wait of WAITS) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(wait, signal)
  }
  const found = await look()
  if (found === undefined) throw new NotSeen()
  return found
}

/** A group that was just made may not be known everywhere yet. */
async function again<T>(run: Run, act: () => Promise<T>, code = 'InvalidGroup.NotFound'): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await act()
    } catch (cause) {
      if (!isFault(cause, code) || (code === 'InvalidGroup.NotFound' && run.made.size === 0)) throw cause
      await run.sleep(wait, run.signal)
    }
  }
  return act()
}

class NotSeen extends Error {
  constructor() {
    super('EC2 took the change and does not show it yet; the next pass looks again')
  }
}
