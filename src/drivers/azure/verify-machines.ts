/**
 * Reads a machine anew before somebody is let in to it: an address may have gone to another machine since the inventory
 * was read, and a hole would open that one. Rejects when anything differs, with what is true now remembered for the
 * next pass, which then leaves this machine out; writes nothing.
 */
import type { ResourceKey } from '../../domain/resource-id.ts'
import { failure, type FailureCode } from '../../domain/access/failure.ts'
import { formatIpPrefix } from '../../domain/net.ts'
import { estateOf, type Connected } from './connected.ts'
import { readInterface, readVmId } from './direct-rows.ts'
import { nicFrom, withNic, type EstateMachine, type EstateNic } from './estate.ts'

/** So many are read at once. */
const ABREAST = 8

export async function verifyMachines(
  connected: Connected,
  keys: readonly ResourceKey[],
  signal: AbortSignal,
): Promise<void> {
  const machines = keys.flatMap((key) => estateOf(connected).machines.get(key) ?? [])
  for (let first = 0; first < machines.length; first += ABREAST) {
    const some = machines.slice(first, first + ABREAST)
    await Promise.all(some.map((machine) => verifyMachine(connected, machine, signal)))
  }
}

async function verifyMachine(connected: Connected, machine: EstateMachine, signal: AbortSignal): Promise<void> {
  const asking = { urgency: 'open' as const, signal }
  const vmId = await readVmId(connected.arm, machine.id, asking)
  if (vmId === undefined) throw doubted(connected, machine, 'MachineGone')
  if (vmId !== machine.vmId) throw doubted(connected, machine, 'MachineRemade')
  for (const nic of machine.nics) {
    const row = await readInterface(connected.arm, nic.id, asking)
    const isIts = row !== undefined && row.machine.toLowerCase() === machine.key
    const estate = estateOf(connected)
    if (isIts && sameNic(nicFrom(row, estate), nic)) continue
    const none = { id: nic.id, machine: '', group: '', ipConfigurations: [] }
    connected.estate = withNic(estate, machine, isIts ? row : none)
    throw new Error(
      `NIC ${nic.name} of ${machine.name} has other addresses or another security group than a moment ago; planned anew`,
    )
  }
}

function doubted(
  { doubts }: Connected,
  { key, name }: EstateMachine,
  code: Extract<FailureCode, 'MachineGone' | 'MachineRemade'>,
): Error {
  const doubt = failure(code, { machine: name })
  doubts.set(key, doubt)
  return new Error(doubt.message)
}

function sameNic(a: EstateNic, b: EstateNic): boolean {
  return a.group === b.group && addressesIn(a) === addressesIn(b)
}

function addressesIn({ addresses }: EstateNic): string {
  return addresses.map(({ address, subnet }) => `${formatIpPrefix(address)} ${subnet}`).join()
}
