/**
 * `connect MACHINE --port N -- COMMAND {host} {port}`: any program to any port of a machine. The group that connections to
 * clouds hang their verbs on, too: a machine that is called like one of them is named by its id.
 */
import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import { EXIT } from '../exit-codes.ts'
import { usageFailure } from '../failure.ts'
import { withGlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { handTo } from '../reach/hand-to.ts'
import { placeText } from '../reach/knock.ts'
import { onlyPort } from '../reach/port-of.ts'
import { withReachOptions, type ReachOptions } from '../reach/reach-options.ts'
import { visit } from '../reach/visit.ts'

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
        .enablePositionalOptions(),
    ),
  )
  withExamples(command, [
    { does: 'a database client', line: 'sallyport connect db1 --port 5432 -- psql -h {host} -p {port} shop' },
    { does: 'open it and tell me where', line: 'sallyport connect db1 --port 5432 --keep' },
  ])
  command.action(
    async (typed: string | undefined, words: string[], options: ReachOptions & { readonly port?: string }) => {
      if (typed === undefined) return command.help({ error: true })
      if (options.port === undefined)
        throw usageFailure('say which port', `sallyport connect ${typed} --port 22 -- ssh {host}`)
      const [name, ...args] = words
      await visit({
        command,
        io,
        typed,
        options,
        forLater: name === undefined,
        portOf: onlyPort(options.port),
        run: async (place) => {
          const filled = (word: string): string =>
            word.replaceAll(/\{\{?(host|port)\}?\}/g, (_, what) => String(what === 'host' ? place.address : place.port))
          if (name !== undefined) return handTo(io, filled(name), args.map(filled))
          io.stdout.write(`${placeText(place)}\n`)
          return EXIT.ok
        },
      })
    },
  )
  return command
}
