/**
 * `request create`: asks for access and, unless told otherwise, waits until it is really open. Ctrl-C ends the waiting;
 * what was asked for stays, and the last line says how to close it.
 */
import { Option, type Command } from 'commander'
import type { JitDecision } from '../../../contract/jit-request.ts'
import { parseAccessOptions, type AccessOptions, type ParsedAccess } from '../../options/access-options.ts'
import { requestsOf, type AccessWish, type PolicyRequest } from '../../access/access-wish.ts'
import { asDecision } from '../../calls/answers.ts'
import { ARM_VERSION } from '../../calls/client.ts'
import { findPolicy, machinesFor, pickMachine, whoAmI } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { portText, sourcesText } from '../../show/grant-columns.ts'
import type { Io } from '../../io.ts'
import { offersOf } from '../../access/machine-offers.ts'
import { openAccess } from '../../access/open-access.ts'
import { machineNames, type NameOf } from '../../show/machine-names.ts'
import type { Column } from '../../show/output.ts'
import { repeatable } from '../../options/repeatable.ts'
import { openSession, type Session } from '../../session.ts'
import { sourcesFor } from '../../options/sources-for.ts'
import { formatWireTime } from '../../times.ts'
import { interruptible } from '../../access/wait-for.ts'

export function addRequestCreate(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('create')
      .alias('new')
      .description('ask for access: open a port for you, for a time, and wait until it is open')
      .argument('<machine...>', 'names, ids, or the beginning of one')
      .option(
        '-p, --port <port>',
        'which port, such as 22 or 22/tcp; may be repeated (default: the only protected one)',
        repeatable,
      )
      .addOption(
        new Option(
          '--for <time>',
          'how long: 2h30m or PT2H30M (default: 1h, or the policy’s longest if that is less)',
        ).conflicts('until'),
      )
      .option('--until <time>', 'until when, with a zone: 2026-01-31T18:00:00Z')
      .option('--from <sources>', 'who gets in: me, addresses or CIDR prefixes, with commas between', 'me')
      .option('--justification <text>', 'why; kept in the audit trail')
      .option('--policy <policy>', 'which policy to ask, where several cover the machine')
      .option('--wait', 'wait until it is open', true)
      .option('--no-wait', 'return as soon as the request is accepted')
      .option('--timeout <time>', 'how long to wait', '60s')
      .option('--dry-run', 'ask whether it would be allowed, and open nothing'),
  )
  withExamples(command, [
    { does: 'SSH to web1, for me, for an hour', line: 'sallyport request create web1 --port 22' },
    {
      does: 'for a network, until this evening',
      line: 'sallyport request create web1 -p 22 --from 10.0.0.0/8 --until 2026-01-31T18:00:00Z',
    },
    { does: 'would it be allowed?', line: 'sallyport request create web1 web2 -p 3389 --for 2h30m --dry-run' },
  ])
  command.action(async (typed: string[], options: AccessOptions) => {
    const session = openSession(command, io)
    const parsed = parseAccessOptions(options)
    const wish = await wishOf({ typed, parsed, options, session })
    if (options.dryRun === true) return preview(session, requestsOf(wish))
    await interruptible(io, (signal) =>
      openAccess({ session, wish, timeout: parsed.timeout, wait: options.wait, signal }),
    )
  })
}

interface Asked {
  readonly typed: readonly string[]
  readonly parsed: ParsedAccess
  readonly options: AccessOptions
  readonly session: Session
}

async function wishOf({ typed, parsed, options, session }: Asked): Promise<AccessWish> {
  const { client } = session
  // Asked at once, though the answer is needed later: two answers take no longer than one.
  const [known] = await Promise.all([
    machinesFor(client, typed),
    parsed.from.includes('me') ? whoAmI(client) : undefined,
  ])
  const machines = [...new Set(typed.map((name) => pickMachine(name, known)))]
  const policy = options.policy === undefined ? undefined : (await findPolicy(client, options.policy)).id
  return {
    machines: await Promise.all(machines.map((machine) => offersOf(machine, client))),
    ports: parsed.ports,
    time: parsed.time,
    sources: await sourcesFor(parsed.from, machines, session),
    justification: options.justification,
    policy,
  }
}

type Decided = { machine: string; port: JitDecision['virtualMachines'][number]['ports'][number] }

async function preview(session: Session, requests: readonly PolicyRequest[]): Promise<void> {
  const decisions: JitDecision[] = []
  for (const { policy, body } of requests) {
    const path = `${policy}/initiate`
    const query = { 'api-version': ARM_VERSION, dryRun: 'true' }
    decisions.push(asDecision((await session.client.call({ method: 'POST', path, query, body })).body))
  }
  const machines = decisions.flatMap(({ virtualMachines }) => virtualMachines)
  const rows = machines.flatMap(({ id, ports }) => ports.map((port) => ({ machine: id, port })))
  const nameOf = await machineNames(
    session,
    machines.map(({ id }) => id),
  )
  await session.show({ data: { virtualMachines: machines }, rows, columns: decidedColumns(nameOf) })
  session.say('This would be allowed. Nothing was opened.')
}

function decidedColumns(nameOf: NameOf): readonly Column<Decided>[] {
  return [
    { title: 'MACHINE', text: ({ machine }) => nameOf(machine), raw: ({ machine }) => machine },
    { title: 'PORT', text: ({ port }) => portText(port.number, port.protocol) },
    { title: 'FROM', text: ({ port }) => sourcesText(sourceList(port)), raw: ({ port }) => sourceList(port).join(',') },
    {
      title: 'UNTIL',
      text: ({ port }, view) => formatWireTime(port.endTimeUtc, view),
      raw: ({ port }) => port.endTimeUtc,
    },
  ]
}

function sourceList({ allowedSourceAddressPrefix, allowedSourceAddressPrefixes }: Decided['port']): readonly string[] {
  return allowedSourceAddressPrefixes ?? (allowedSourceAddressPrefix === undefined ? [] : [allowedSourceAddressPrefix])
}
