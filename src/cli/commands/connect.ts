/**
 * `connect MACHINE --port N -- COMMAND {host} {port}`: any program to any port of a machine. The group that connections to
 * clouds hang their verbs on, too: a machine that is called like one of them is named by its id.
 */
import type { Command } from 'commander'
import { withExamples } from '../help/examples.ts'
import { EXIT } from '../exit-codes.ts'
import { usageFailure } from '../failure.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import type { Place } from '../outside.ts'
import { handTo } from '../reach/hand-to.ts'
import { placeText } from '../reach/knock.ts'
import { onlyPort } from '../reach/port-of.ts'
import { withReachOptions, type ReachOptions } from '../reach/reach-options.ts'
import { visit } from '../reach/visit.ts'

interface ConnectOptions extends ReachOptions {
  readonly port?: string
  readonly stdio?: boolean
}

export function addConnect(program: Command, io: Io): Command {
  const command = withGlobalOptions(
    withReachOptions(
      program
        .command('connect')
        .description('any program to any port of a machine; and the connections to clouds')
        .usage('[options] <machine> --port <port> [-- program {host} {port}…]')
        .argument('[machine]', 'its name, its id, or the beginning of one')
        .argument(
          '[program...]',
          '{host} and {port} stand for where to connect; without a program the place is printed',
        )
        .option('-p, --port <port>', 'which port')
        .option('--stdio', 'join standard input and output to it: the ProxyCommand of ssh')
        .enablePositionalOptions(),
    ),
  )
  withExamples(command, [
    { does: 'a database client', line: 'sallyport connect db1 --port 5432 -- psql -h {host} -p {port} shop' },
    { does: 'the ProxyCommand of ssh, in ~/.ssh/config', line: 'sallyport connect web1 --port 22 --stdio --close' },
    { does: 'open it and tell me where', line: 'sallyport connect db1 --port 5432 --keep' },
  ])
  command.action(async (typed: string | undefined, words: string[], options: ConnectOptions) => {
    if (typed === undefined) return command.help({ error: true })
    const { port, stdio } = options
    if (port === undefined) throw usageFailure('say which port', `sallyport connect ${typed} --port 22 -- ssh {host}`)
    if (stdio === true && words.length > 0) throw usageFailure('either a program or --stdio')
    await visit({
      command,
      io,
      typed,
      options,
      forLater: words.length === 0 && stdio !== true,
      portOf: onlyPort(port),
      run: (place) => (stdio === true ? joined(place, io) : runOrShow(words, place, io)),
    })
  })
  return command
}

async function joined(place: Place, { outside }: Io): Promise<number> {
  await outside.join(place)
  return EXIT.ok
}

async function runOrShow([program, ...args]: readonly string[], place: Place, io: Io): Promise<number> {
  const filled = (word: string): string =>
    word.replaceAll(/\{\{?(host|port)\}?\}/g, (_, what) => String(what === 'host' ? place.address : place.port))
  if (program !== undefined) return handTo(io, filled(program), args.map(filled))
  io.stdout.write(`${placeText(place)}\n`)
  return EXIT.ok
}
