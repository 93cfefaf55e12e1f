/** Fills an installation with what its pages show: policies, open and past requests, a refusal. */
import type { Stage } from './stage.ts'
import { machineId } from './stage.ts'

const VERSION = 'api-version=2020-01-01'

export async function furnish({ server }: Stage): Promise<void> {
  await protect(server, 'shop', ['web1', 'web2', 'db1'], [22])
  await protect(server, 'office', ['jumphost'], [3_389, 5_986])
  await open(server, 'shop', {
    machine: 'web1',
    port: 22,
    source: '198.51.100.7',
    duration: 'PT1H',
    why: 'INC-4711: disk is full',
  })
  await open(server, 'shop', {
    machine: 'web2',
    port: 22,
    source: '198.51.100.0/24',
    duration: 'PT30M',
    why: 'Rolling restart',
  })
  await open(server, 'shop', {
    machine: 'web1',
    port: 22,
    source: '2001:db8::7',
    duration: 'PT2H',
    why: 'Second pair of eyes',
  })
  await open(server, 'office', {
    machine: 'jumphost',
    port: 3_389,
    source: '203.0.113.200',
    duration: 'PT3H',
    why: 'Quarterly patching',
  })
}

type Server = Stage['server']

async function protect(
  server: Server,
  group: string,
  names: readonly string[],
  ports: readonly number[],
): Promise<void> {
  const rules = ports.map((number) => ({
    number,
    protocol: 'TCP',
    allowedSourceAddressPrefix: '*',
    maxRequestAccessDuration: 'PT3H',
  }))
  const virtualMachines = names.map((name) => ({ id: machineId(name, group), ports: rules }))
  await must(server, 'PUT', policyOf(group), { kind: 'Basic', properties: { virtualMachines } })
}

interface Wish {
  readonly machine: string
  readonly port: number
  readonly source: string
  readonly duration: string
  readonly why: string
}

async function open(server: Server, group: string, { machine, port, source, duration, why }: Wish): Promise<void> {
  const ports = [{ number: port, duration, allowedSourceAddressPrefix: source }]
  const body = { virtualMachines: [{ id: machineId(machine, group), ports }], justification: why }
  await must(server, 'POST', `${policyOf(group)}/initiate`, body)
}

function policyOf(group: string): string {
  const [scope] = machineId('x', group).split('/providers/')
  return `${scope}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default`
}

async function must(server: Server, method: string, path: string, body: object): Promise<void> {
  const { status, body: answer } = await server.call(method, `${path}?${VERSION}`, body)
  if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(answer)}`)
}
