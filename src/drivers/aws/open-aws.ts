/**
 * AWS as a side of the installation: routes each point to the connection that reaches it, reads machines, and tries what
 * a connection needs. Clients are made once for each account and region, and again when the connection changes.
 */
import { setTimeout } from 'node:timers/promises'
import type { CloudDeps, CloudSide, Machine, OpenConnection, PointId, PointTraits, Snapshot } from '../../app/ports.ts'
import type { AwsSettings, ConnectionCheck } from '../../domain/connection.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { SECOND } from '../../domain/time.ts'
import { checkRegion } from './check-access.ts'
import { exposuresAt, type ExposureInput } from './exposures.ts'
import { machinesOf, warningsOf, type RegionState } from './inventory.ts'
import { placeOfPoint } from './place.ts'
import { loadSdk, openRegion, type Region, type Sdk } from './region.ts'
import { vpcDriver, type Reach } from './vpc-driver.ts'

export async function openAws({ clock }: CloudDeps): Promise<CloudSide> {
  const sdk = await loadSdk()
  const open = (connection: OpenConnection): Reached => openConnection({ sdk, clock }, connection)
  let reached: readonly Reached[] = []
  const misfits = new Map<PointId, readonly Refusal[]>()

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
      onMisfits: (point, found) => misfits.set(point, found),
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
        const snapshot = await inventoryOf(own, signal)
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

function openConnection({ sdk, clock }: { sdk: Sdk } & Pick<CloudDeps, 'clock'>, connection: OpenConnection): Reached {
  const { settings } = connection
  if (settings.kind !== 'aws') throw new Error(`expected a connection to aws, got one to ${settings.kind}`)
  const accounts = settings.accounts.length === 0 ? [undefined] : settings.accounts
  const regions = accounts.flatMap((account) =>
    settings.regions.map((region) => ({
      account: account?.account,
      region: openRegion({ sdk, clock, connection, settings, account, region }),
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

/** Region after region: all at once would use up what the account allows. */
async function inventoryOf({ connection, regions }: Reached, signal: AbortSignal): Promise<Snapshot> {
  const states: RegionState[] = []
  for (const { account, region } of regions) states.push(await readRegion(region, account, signal))
  const machines = states.flatMap((state) => machinesOf(connection.id, state))
  const places = new Map<ResourceKey, () => ExposureInput>()
  for (const state of states) {
    const groups = new Map(state.groups.map((group) => [group.id, group]))
    const inboundOf = Map.groupBy(state.rules.inbound, ({ group }) => group)
    const byInstance = Map.groupBy(state.interfaces, ({ instance }) => instance ?? '')
    for (const machine of machinesOf(connection.id, state))
      places.set(machine.key, () => ({
        place: state.place,
        groups,
        inboundOf,
        interfaces: byInstance.get(machine.vmId ?? '') ?? [],
      }))
  }
  return {
    machines,
    exposuresOf: (machine, ports) => {
      const input = places.get(machine)
      return input === undefined ? [] : exposuresAt(input(), ports)
    },
    warnings: states.flatMap(warningsOf),
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
