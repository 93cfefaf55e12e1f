/** A made-up cloud of very many machines, as a fleet file, and policies that protect some of them. */
import { inboundRule } from '../test/support/inbound-rule.ts'
import { sshRules } from './ssh-rules.ts'
import { FLEET_SUBSCRIPTION, type ServerProcess } from '../test/support/server-process.ts'

const MACHINES_A_GROUP = 800
const MACHINES_A_SECURITY_GROUP = 50
/** The machines that the policy of each resource group protects: its first so many. */
const PROTECTED_A_GROUP = 160

export interface NamedMachine {
  readonly id: string
  readonly policy: string
}

function groupOfMachine(n: number): string {
  return `/subscriptions/${FLEET_SUBSCRIPTION}/resourceGroups/rg-${Math.floor(n / MACHINES_A_GROUP)}`
}

function machineId(n: number): string {
  return `${groupOfMachine(n)}/providers/Microsoft.Compute/virtualMachines/vm-${n}`
}

function policyOf(n: number): string {
  return `${groupOfMachine(n)}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default`
}

/** Of three security groups one lets everybody in by SSH, one an office, one nobody. */
export function fleetOfMany(count: number): object[] {
  return Array.from({ length: count }, (_, n) => ({
    id: machineId(n),
    location: n % 5 === 0 ? 'northeurope' : 'westeurope',
    os: n % 3 === 0 ? 'Windows' : 'Linux',
    nics: [
      {
        privateIp: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
        ...(n % 4 === 0 && { publicIp: `100.${64 + ((n >> 16) & 63)}.${(n >> 8) & 255}.${n & 255}` }),
        ...(n % 10 !== 9 && { nsg: securityGroup(Math.floor(n / MACHINES_A_SECURITY_GROUP)) }),
      },
    ],
  }))
}

function securityGroup(number: number): object {
  return {
    name: `nsg-${number}`,
    securityRules: [...sshRules(number, 1_300), inboundRule('web', { priority: 1_310, source: '*', port: 443 })],
  }
}

/** The machines that are protected from then on. */
export async function protectSome(server: ServerProcess, count: number): Promise<NamedMachine[]> {
  const all: NamedMachine[] = []
  for (let first = 0; first < count; first += MACHINES_A_GROUP) {
    const numbers = Array.from({ length: Math.min(PROTECTED_A_GROUP, count - first) }, (_, at) => first + at)
    const named = numbers.filter((n) => n % 10 !== 9).map((n) => ({ id: machineId(n), policy: policyOf(n) }))
    const virtualMachines = named.map(({ id }) => ({ id, ports: [SSH] }))
    const path = `${policyOf(first)}?api-version=2020-01-01`
    const { status, body } = await server.call('PUT', path, { kind: 'Basic', properties: { virtualMachines } })
    if (status !== 200) throw new Error(`a policy was answered ${status}: ${JSON.stringify(body).slice(0, 500)}`)
    all.push(...named)
  }
  return all
}

const SSH = { number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }
