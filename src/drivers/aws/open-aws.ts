/**
 * AWS as a side of the installation: routes each point to the connection that reaches it, reads machines, and tries what
 * a connection needs. Clients are made once for each account and region, and again when the connection changes.
 */
import { setTimeout } from 'node:timers/promises'
import type { CloudDeps, CloudSide, OpenConnection, Snapshot } from '../../app/ports/clouds.ts'
import type { ForeignChange, PointTraits } from '../../app/ports/driver.ts'
import type { Machine, PointId } from '../../app/ports/inventory.ts'
import type { AwsSettings, ConnectionCheck } from '../../domain/clouds/connection.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Exposure } from '../../domain/posture.ts'
import { SECOND, type Instant } from '../../domain/time.ts'
import { isChangedSince } from './changed-since.ts'
import { checkRegion } from './check-access.ts'
import type { Environment } from './credentials.ts'
import { exposuresAt } from './exposures.ts'
import type { GroupRule } from './group-rule.ts'
import { machinesOf, warningsOf, type RegionState } from './inventory.ts'
import { isOurGroup } from './marks.ts'
import { placeOfPoint } from './place.ts'
import { loadSdk, openRegion, type Region, type Sdk } from './region.ts'
import type { NetworkInterface, SecurityGroup, VpcState } from './vpc-state.ts'
import { vpcDriver, type Reach } from './vpc-driver.ts'

export interface AwsDeps extends Pick<CloudDeps, 'clock'> {
  readonly environment: Environment
}

export async function openAws({ clock, environment }: AwsDeps): Promise<CloudSide> {
  const sdk = await loadSdk()
  const open = (connection: OpenConnection): Reached => openConnection({ sdk, clock, environment }, connection)
  let reached: readonly Reached[] = []
  const misfits = new Map<PointId, readonly Refusal[]>()
  const looks = new Map<PointId, VpcLook>()
  const names = new Map<string, string>()
  const watchers = new Set<(change: ForeignChange) => void>()
  const onStates = (states: readonly RegionState[], readAt: Instant): void => {
    for (const [point, { at, state }] of looks) {
      const place = placeOfPoint(point)
      const now = states.find((one) => one.place.account === place.account && one.place.region === place.region)
      if (now === undefined || at >= readAt || !carriesOurs(state) || !isChangedSince(state, now, place.vpc)) continue
      for (const tell of watchers) tell({ point })
    }
  }

  const within = async <T>(connection: OpenConnection, act: (own: Reached) => Promise<T>): Promise<T> => {
    const known = reached.find((one) => one.connection === connection)
    if (known !== undefined) return act(known)
    const own = open(connection)
    return act(own).finally(() => close([own]))
  }

  return {
    kind: 'aws',
    driver: vpcDriver({
      reach: (point) => reach(reached, point),
      traitsOf: (point) => traitsOf(ofPoint(reached, point)),
      names: () => names,
      onObserved: (state) => looks.set(state.point, { at: clock.now(), state }),
      onMisfits: (point, found) => misfits.set(point, found),
      watch: (onChange) => {
        watchers.add(onChange)
        return () => watchers.delete(onChange)
      },
      clock,
      sleep: (millis, signal) => setTimeout(millis, undefined, { signal }),
    }),
    connect(connections) {
      const before = reached
      reached = connections.map((connection) => before.find((one) => one.connection === connection) ?? open(connection))
      close(before.filter((one) => !reached.includes(one)))
      return Promise.resolve()
    },
    inventoryOf: (connection, signal) =>
      within(connection, async (own) => {
        const readAt = clock.now()
        const { states, ...snapshot } = await inventoryOf(own, signal, (point) => {
          const look = looks.get(point)
          return look !== undefined && look.at > readAt ? look.state : undefined
        })
        onStates(states, readAt)
        for (const { vmId, name } of snapshot.machines) if (vmId !== undefined && name !== vmId) names.set(vmId, name)
        const belts = own.regions.flatMap(({ region }) => region.belt?.problem() ?? [])
        return { ...snapshot, warnings: [...snapshot.warnings, ...belts, ...misfitsOf(own, misfits)] }
      }),
    isGone: (connection, machine, signal) => within(connection, (own) => isGone(own, machine, signal)),
    check: (connection, signal) => within(connection, (own) => check(sdk, own, signal)),
    close() {
      close(reached)
      reached = []
      return Promise.resolve()
    },
  }
}

interface Reached {
  readonly connection: OpenConnection
  readonly settings: AwsSettings
  /** Every region of every account. The account is undefined where it is the credential's own, which AWS tells. */
  readonly regions: readonly { readonly account: string | undefined; readonly region: Region }[]
}

function openConnection({ sdk, clock, environment }: AwsDeps & { sdk: Sdk }, connection: OpenConnection): Reached {
  const { settings } = connection
  if (settings.kind !== 'aws') throw new Error(`expected a connection to aws, got one to ${settings.kind}`)
  const accounts = settings.accounts.length === 0 ? [undefined] : settings.accounts
  const regions = accounts.flatMap((account) =>
    settings.regions.map((region) => ({
      account: account?.account,
      region: openRegion({ sdk, clock, connection, settings, account, region, environment }),
    })),
  )
  return { connection, settings, regions }
}

function close(reached: readonly Reached[]): void {
  for (const { regions } of reached) for (const { region } of regions) region.close()
}

// ── The driver's way to a point ────────────────────────────────────────────────────────────────────────────────────

interface Found extends Reached {
  readonly region: Region
}

function ofPoint(all: readonly Reached[], point: PointId): Found | undefined {
  const place = placeOfPoint(point)
  for (const reached of all)
    for (const { account, region } of reached.regions)
      if (region.name === place.region && (account ?? place.account) === place.account) return { ...reached, region }
  return undefined
}

async function reach(all: readonly Reached[], point: PointId): Promise<Reach> {
  const found = ofPoint(all, point)
  const { account, vpc } = placeOfPoint(point)
  if (found === undefined) throw new Error(`no connection to AWS reaches ${point}; see: sallyport connect list`)
  const { region } = found
  const signal = AbortSignal.timeout(20 * SECOND)
  const actual = await region.account(signal)
  // The credentials may belong to another account than before: its VPC of that name is not ours.
  if (actual !== account)
    throw new Error(`${point} belongs to account ${account}, but the connection's credentials to ${actual}`)
  const { belt } = region
  return {
    ec2: await region.ec2(signal),
    vpc,
    quotas: (whose) => region.quotas(whose),
    traits: traitsOf(found),
    ...(belt === undefined ? {} : { belt }),
  }
}

function traitsOf(found: Pick<Reached, 'settings'> | undefined): PointTraits {
  // A protection is a dozen calls of a second or so, and a closing one or two.
  return { patience: 90 * SECOND, lead: 2 * SECOND, drift: found?.settings.drift ?? 'repair' }
}

function misfitsOf(own: Reached, misfits: ReadonlyMap<PointId, readonly Refusal[]>): Refusal[] {
  return [...misfits].flatMap(([point, found]) => (ofPoint([own], point) === undefined ? [] : found))
}

// ── What is there ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Where nothing of ours is, others may change what they like. */
function carriesOurs({ groups }: VpcState): boolean {
  return [...groups.values()].some(isOurGroup)
}

/** What a pass saw of a VPC, which may be newer than the inventory. */
interface VpcLook {
  readonly at: Instant
  readonly state: VpcState
}

type NewerLook = (point: PointId) => VpcState | undefined

/** Region after region: all at once would use up what the account allows. */
async function inventoryOf(
  { connection, regions }: Reached,
  signal: AbortSignal,
  newer: NewerLook,
): Promise<Snapshot & { readonly states: readonly RegionState[] }> {
  const states: RegionState[] = []
  for (const { account, region } of regions) states.push(await readRegion(region, account, signal))
  const exposures = new Map<ResourceKey, Snapshot['exposuresOf']>()
  const machines: Machine[] = []
  for (const state of states) {
    const found = machinesOf(connection.id, state)
    machines.push(...found)
    const exposuresOf = exposuresIn(state, newer)
    for (const machine of found) exposures.set(machine.key, (_, ports) => exposuresOf(machine, ports))
  }
  return {
    states,
    machines,
    exposuresOf: (machine, ports) => exposures.get(machine)?.(machine, ports) ?? [],
    warnings: states.flatMap(warningsOf),
  }
}

function exposuresIn(
  state: RegionState,
  newer: NewerLook,
): (machine: Machine, ports: Parameters<Snapshot['exposuresOf']>[1]) => Exposure[] {
  const asRead = lookupOf(state.groups, state.rules.inbound, state.interfaces)
  const newerLookups = new Map<VpcState, Lookup>()
  const newest = (point: PointId): Lookup => {
    const look = newer(point)
    if (look === undefined) return asRead
    const lookup = newerLookups.get(look) ?? lookupOf([...look.groups.values()], look.inbound, look.interfaces)
    newerLookups.clear()
    newerLookups.set(look, lookup)
    return lookup
  }
  return ({ points, vmId = '' }, ports) =>
    points.flatMap((point) => {
      const { groups, inboundOf, byInstance } = newest(point)
      const interfaces = (byInstance.get(vmId) ?? []).filter(({ vpc }) => vpc === placeOfPoint(point).vpc)
      return exposuresAt({ place: state.place, groups, inboundOf, interfaces }, ports)
    })
}

interface Lookup {
  readonly groups: ReadonlyMap<string, SecurityGroup>
  readonly inboundOf: ReadonlyMap<string, readonly GroupRule[]>
  readonly byInstance: ReadonlyMap<string, readonly NetworkInterface[]>
}

function lookupOf(
  groups: readonly SecurityGroup[],
  inbound: readonly GroupRule[],
  interfaces: readonly NetworkInterface[],
): Lookup {
  return {
    groups: new Map(groups.map((group) => [group.id, group])),
    inboundOf: Map.groupBy(inbound, ({ group }) => group),
    byInstance: Map.groupBy(interfaces, ({ instance }) => instance ?? ''),
  }
}

async function readRegion(region: Region, expected: string | undefined, signal: AbortSignal): Promise<RegionState> {
  const account = await region.account(signal)
  if (expected !== undefined && expected !== account)
    throw new Error(`the role for account ${expected} belongs to account ${account}`)
  const ec2 = await region.ec2(signal)
  const [instances, interfaces, groups, rules, prefixLists, quotas] = await Promise.all([
    ec2.instances(signal),
    ec2.interfaces('all', signal),
    ec2.groups('all', signal),
    ec2.rules('all', signal),
    ec2.prefixLists(signal),
    region.quotas(signal),
  ])
  const place = { account, region: region.name }
  return { place, instances, interfaces, groups, rules, prefixLists, quotas }
}

async function isGone({ regions }: Reached, machine: Machine, signal: AbortSignal): Promise<boolean> {
  const accounts = new Set(machine.points.map((point) => placeOfPoint(point).account))
  const there = regions.filter(
    ({ account, region }) => region.name === machine.location && (account === undefined || accounts.has(account)),
  )
  // Its region or account is no longer part of the connection: nobody there was asked.
  if (there.length === 0) return false
  const answers = await Promise.all(
    there.map(async ({ region }) => (await region.ec2(signal)).isGone(machine.vmId ?? '', signal)),
  )
  return answers.every(Boolean)
}

async function check(sdk: Sdk, { regions }: Reached, signal: AbortSignal): Promise<ConnectionCheck[]> {
  const checks = await Promise.all(regions.map(({ region }) => checkRegion(sdk, region, signal)))
  return checks.flat()
}
