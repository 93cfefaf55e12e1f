/**
 * `host enroll`: prints the one-time command that makes a Linux host one of ours. The command alone goes to stdout, so that
 * it can be piped to the host; it holds a token, and is shown once.
 */
import type { Command } from 'commander'
import type { WireHostEnrollment } from '../../../contract/host.ts'
import { formatDuration } from '../../../domain/time.ts'
import { having, type Reader } from '../../calls/answers.ts'
import { withExamples } from '../../help/examples.ts'
import { refusedInput } from '../../failure.ts'
import { gatewayBodyOf, withGatewayOptions, type GatewayOptions } from '../../options/gateway-options.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { hostPath, parseLabel } from '../../names/hosts.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { printable } from '../../show/printable.ts'
import { repeatable } from '../../options/repeatable.ts'
import { openSession } from '../../session.ts'
import { formatWireTime, parseHumanDuration } from '../../times.ts'

interface EnrollOptions extends GatewayOptions {
  readonly label?: readonly string[]
  readonly gateway?: boolean
  readonly validFor: string
}

export function addHostEnroll(group: Command, io: Io): void {
  const command = withGlobalOptions(
    withGatewayOptions(
      group
        .command('enroll')
        .alias('enrol')
        .description('print the command that enrols a host, to be run on it once as root')
        .argument('<name>', 'what the host is called from now on; one that is there is enrolled anew')
        .option('--label <name=value>', 'a label of a new host, such as env=prod; may be repeated', repeatable)
        .option('--gateway', 'a new gateway: it protects the machines behind it')
        .option('--valid-for <time>', 'how long the command is good', '15m'),
    ),
  )
  withExamples(command, [
    { does: 'the command for a new host', line: 'sallyport host enroll web1 --label env=prod' },
    { does: 'run at once, over ssh', line: 'sallyport host enroll web1 --quiet | ssh root@web1 sh' },
    {
      does: 'a gateway before machines of its own',
      line: 'sallyport host enroll edge --gateway --public-address 203.0.113.4',
    },
  ])
  command.action(async (name: string, options: EnrollOptions) => {
    const session = openSession(command, io)
    const { body } = await session.client.call({
      method: 'POST',
      path: `${hostPath(name)}/enroll`,
      body: bodyOf(options),
    })
    const enrollment = asEnrollment(body)
    if (session.format === 'table') session.io.stdout.write(`${printable(enrollment.command)}\n`)
    else await session.show({ data: enrollment, rows: [enrollment], columns: COLUMNS })
    session.say(
      `Run this on ${enrollment.host.name} once, as root. It is good until ${formatWireTime(enrollment.until, session.view)}.`,
    )
  })
}

const asEnrollment: Reader<WireHostEnrollment> = (body) =>
  having(body, 'host', 'command', 'until') as WireHostEnrollment // as the contract promises

function bodyOf(options: EnrollOptions): object {
  const length = parseHumanDuration(options.validFor)
  if (!length.ok) throw refusedInput('--valid-for is not as expected', length.refusals)
  const gateway = gatewayBodyOf(options)
  return {
    validFor: formatDuration(length.value),
    ...(options.label === undefined ? {} : { labels: Object.fromEntries(options.label.map(parseLabel)) }),
    ...(options.gateway === true ? { kind: 'gateway' } : {}),
    ...(gateway === undefined ? {} : { gateway }),
  }
}

const COLUMNS: readonly Column<WireHostEnrollment>[] = [
  { title: 'COMMAND', text: ({ command }) => command },
  { title: 'UNTIL', text: ({ until }, view) => formatWireTime(until, view), raw: ({ until }) => until },
]
