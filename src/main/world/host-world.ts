/** The world of a fresh installation: the host that the server runs on, behind its own kernel. */
import { join } from 'node:path'
import type { Log } from '../../app/app.ts'
import type { Inventory, PointId } from '../../app/ports/inventory.ts'
import type { PointRow } from '../../app/ports/rows.ts'
import { shieldsAt } from '../../app/convergence/shields.ts'
import type { Check } from '../../contract/installation.ts'
import { found, foundAs } from '../../domain/check.ts'
import type { Gateway } from '../../domain/hosts/gateway.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import { baseTableText } from '../../drivers/nftables/base-table.ts'
import { exposuresBehind, hostExposures } from '../../drivers/nftables/foreign/host-exposures.ts'
import { openNftables } from '../../drivers/nftables/open-nftables.ts'
import type { NftablesDriver } from '../../drivers/nftables/nftables-driver.ts'
import { watchPosture, type PostureWatch } from '../../drivers/nftables/foreign/posture-watch.ts'
import { machinesBehind, readGatewayFile } from '../config/gateway-file.ts'
import { localInventory, localMachineId, type LocalInventory } from './local-machine.ts'
import type { Opening } from './open-world.ts'
import type { World } from './world.ts'
import { writeWhole } from '../installation/write-whole.ts'

export async function openHostWorld(opening: Opening): Promise<World> {
  const { config, installation, clock, log } = opening
  const machine = resourceKey(localMachineId(installation))
  const point = `nftables:${machine}` as PointId // this host's one point
  const gateway = config.gateway === undefined ? undefined : await readGatewayFile(config.gateway, installation)
  const driver = tryToOpen(() =>
    openNftables({
      point,
      machine,
      clock,
      backend: config.nftBackend,
      ownTable: config.nftOwner,
      gateway: () => gateway?.gateway,
    }),
  )
  const behind = gateway === undefined ? [] : machinesBehind(gateway, { installation, point })
  const ground = { installation, point, behind }
  const missing = 'reason' in driver ? [driver.reason] : await driver.probe()
  const [unsupported] = missing
  if (unsupported !== undefined) log.error({ missing }, 'this host cannot be protected: see sallyport doctor')
  if ('reason' in driver || unsupported !== undefined) {
    if (!('reason' in driver)) await driver.close()
    return unprotectable(ground, missing)
  }
  const posture = watchPosture({
    read: () => driver.posture(),
    every: POSTURE_EVERY,
    onFailure: (cause) => log.warn({ cause }, 'who gets in at this host cannot be told; it is looked at again'),
  })
  await posture.settled()
  return {
    inventory: {
      ...localInventory({ ...ground, unsupported: undefined }),
      exposuresOf: exposuresBy(machine, posture, gateway?.gateway),
    },
    driverOf: (asked) => (asked === point ? driver : undefined),
    drivers: [driver],
    prefixes: [point],
    recorded: recordedBy(bootFileWriter(opening, point, gateway?.gateway), posture),
    doctor: () => doctor(driver),
    close: () => {
      posture.stop()
      return driver.close()
    },
  }
}

/** A program that begins to listen tells nobody, and of rules that are not ours we need not be told at once. */
const POSTURE_EVERY = 15_000

function exposuresBy(
  machine: ResourceKey,
  posture: PostureWatch,
  gateway: Gateway | undefined,
): NonNullable<Inventory['exposuresOf']> {
  return (asked, ports) => {
    const reading = posture.now()
    if (reading === undefined) return undefined
    if (asked === machine) return hostExposures(reading, ports)
    const behind = gateway?.machines.get(asked)
    return behind === undefined ? undefined : exposuresBehind(reading, behind.addresses, ports)
  }
}

/** What we protect closes what others leave open. */
function recordedBy(write: NonNullable<World['recorded']>, posture: PostureWatch): NonNullable<World['recorded']> {
  return (row, inventory) => {
    write(row, inventory)
    posture.soon()
  }
}

function tryToOpen(open: () => NftablesDriver): NftablesDriver | { readonly reason: Refusal } {
  try {
    return open()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return { reason: refusal('KernelNotSupported', `the kernel's firewall cannot be reached: ${why}`) }
  }
}

/** The server still serves, so that its doctor can be asked; every policy for the host is refused with the reason. */
function unprotectable(ground: Omit<LocalInventory, 'unsupported'>, missing: readonly Refusal[]): World {
  const checks = missing.map((reason): Check => ({ name: reason.code, status: 'failed', ...foundAs(reason) }))
  return {
    inventory: localInventory({ ...ground, unsupported: missing[0] }),
    driverOf: () => undefined,
    drivers: [],
    prefixes: [ground.point],
    doctor: () => Promise.resolve(checks),
    close: () => Promise.resolve(),
  }
}

async function doctor(driver: NftablesDriver): Promise<readonly Check[]> {
  const missing = (await driver.probe()).map((reason): Check => ({
    name: reason.code,
    status: 'failed',
    ...foundAs(reason),
  }))
  const findings = await driver.doctor()
  if (missing.length > 0 || findings.length > 0) return [...missing, ...findings]
  return [
    {
      name: 'kernel',
      status: 'ok',
      ...found('KernelIsFit', {}),
    },
  ]
}

/** What `nft -f` loads at boot, before the network and without us: rewritten whenever the policies of this host change. */
function bootFileWriter(
  { config, store, log }: Opening,
  point: PointId,
  gateway: Gateway | undefined,
): NonNullable<World['recorded']> {
  let written: number | undefined
  const write = async (shape: number, inventory: World['inventory']): Promise<void> => {
    const shields = await shieldsAt(store.reads, inventory, point)
    await writeWhole(join(config.data, 'base.nft'), baseTableText(shields, gateway))
    written = shape
  }
  return (row: PointRow, inventory: World['inventory']): void => {
    if (row.id !== point || row.shape === written) return
    write(row.shape, inventory).catch((cause: unknown) => warn(log, cause))
  }
}

function warn(log: Log, cause: unknown): void {
  log.warn({ cause }, 'the file for the next boot could not be written; it is written again with the next pass')
}
