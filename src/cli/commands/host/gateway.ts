/** `host gateway`, `host add-machine` and `host remove-machine`: how a gateway is reached, and what is behind it. */
import { Option, type Command } from 'commander'
import type { WireHost } from '../../../contract/host.ts'
import { confirm } from '../../confirm.ts'
import { withExamples } from '../../help/examples.ts'
import { usageFailure } from '../../failure.ts'
import { gatewayBodyOf, withGatewayOptions, type GatewayOptions } from '../../options/gateway-options.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asHost, findHost, hostPath, pathPart } from '../../names/hosts.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { repeatable } from '../../options/repeatable.ts'
import { openSession, type Session } from '../../session.ts'

const GATEWAY = 'its name, its id, or the beginning of one'

export function addHostGateway(group: Command, io: Io): void {
  const command = withGlobalOptions(
    withGatewayOptions(
      group
        .command('gateway')
        .description('say how a gateway is reached from outside; what is not said stays')
        .argument('<gateway>', GATEWAY)
        .option('--no-snat', 'of a gateway: its machines see the client itself'),
    ),
  )
  withExamples(command, [
    {
      does: 'behind a device that translates',
      line: 'sallyport host gateway edge --public-address 203.0.113.4=10.0.0.4',
    },
  ])
  command.action(async (typed: string, options: GatewayOptions) => {
    const wanted = gatewayBodyOf(options)
    if (wanted === undefined) throw usageFailure('say what shall change', '--public-address, --mapped-ports, --snat')
    const session = openSession(command, io)
    const { host, etag } = await findHost(session.client, typed)
    const { body } = await session.client.call({
      method: 'PUT',
      path: `${hostPath(host.name)}/gateway`,
      body: { ...host.gateway, ...wanted },
      // What somebody else has changed meanwhile is not written over.
      headers: etag === undefined ? {} : { 'if-match': etag },
    })
    await showBehind(asHost(body), session)
  })
}

interface MachineOptions {
  readonly address: readonly string[]
  readonly os: 'Linux' | 'Windows'
}

export function addHostAddMachine(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('add-machine')
      .description('say that a machine is behind a gateway, or where it is now; the gateway protects it')
      .argument('<gateway>', GATEWAY)
      .argument('<name>', 'what the machine is called')
      .requiredOption('--address <address>', 'of the machine, as the gateway reaches it; may be repeated', repeatable)
      .addOption(new Option('--os <os>', 'what runs on it').choices(['Linux', 'Windows']).default('Linux')),
  )
  withExamples(command, [
    { does: 'a machine without an agent', line: 'sallyport host add-machine edge printer1 --address 10.1.0.7' },
  ])
  command.action(async (typed: string, name: string, { address, os }: MachineOptions) => {
    const session = openSession(command, io)
    const { host } = await findHost(session.client, typed)
    const path = machinePath(host, name)
    const { body } = await session.client.call({ method: 'PUT', path, body: { addresses: address, os } })
    await showBehind(asHost(body), session)
  })
}

export function addHostRemoveMachine(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove-machine')
      .description('say that a machine is not behind a gateway any more; refused while a policy names it')
      .argument('<gateway>', GATEWAY)
      .argument('<name>', 'what the machine is called')
      .option('--force', 'even while a policy names it')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question', line: 'sallyport host remove-machine edge printer1 --yes' }])
  command.action(async (typed: string, name: string, options: { readonly force?: boolean; readonly yes?: boolean }) => {
    const session = openSession(command, io)
    const { host } = await findHost(session.client, typed)
    if (options.yes !== true) await confirm(session.io, `Forget ${name} behind ${host.name}?`)
    const query = { force: options.force === true ? 'true' : undefined }
    await session.client.call({ method: 'DELETE', path: machinePath(host, name), query })
    session.say(`${name} is not behind ${host.name} any more.`)
  })
}

function machinePath({ name: gateway }: WireHost, name: string): string {
  return `${hostPath(gateway)}/machines/${pathPart(name)}`
}

type Behind = WireHost['behind'][number]

function showBehind(host: WireHost, session: Session): Promise<void> {
  return session.show({ data: host, rows: host.behind, columns: BEHIND })
}

const BEHIND: readonly Column<Behind>[] = [
  { title: 'MACHINE', text: ({ name }) => name },
  { title: 'ADDRESSES', text: ({ addresses }) => addresses.join(', '), raw: ({ addresses }) => addresses.join(',') },
  { title: 'OS', text: ({ os }) => os },
  { title: 'ID', text: ({ id }) => id },
]
