/** `ssh`: a shell on a machine, whether or not its port is open yet. */
import type { Command } from 'commander'
import { withExamples } from '../help/examples.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { handTo } from '../reach/hand-to.ts'
import { hostKeyOptions } from '../reach/host-key.ts'
import { takeOwnPort } from '../reach/own-port.ts'
import { onlyPort } from '../reach/port-of.ts'
import { withReachOptions, type ReachOptions } from '../reach/reach-options.ts'
import { splitTarget } from '../reach/target.ts'
import { visit } from '../reach/visit.ts'

export function addSsh(program: Command, io: Io): void {
  const command = withGlobalOptions(
    withReachOptions(
      program
        .command('ssh')
        .description('a shell on a machine: open its port if need be, wait, connect')
        .argument('<[user@]machine>', 'its name, its id, or the beginning of one')
        .argument('[arguments...]', 'for ssh itself: its options, a command')
        .option('-p, --port <port>', 'the port that sshd listens on', '22')
        .passThroughOptions(),
    ),
  )
  withExamples(command, [
    { does: 'a shell', line: 'sallyport ssh ada@web1' },
    { does: 'one command, and close behind me', line: 'sallyport ssh --close ada@web1 uptime' },
    { does: 'with options of ssh’s own', line: 'sallyport ssh --for 2h ada@web1 -L 8080:localhost:80' },
  ])
  command.action(async (typed: string, behind: string[], options: ReachOptions & { readonly port: string }) => {
    const { user, machine } = splitTarget(typed)
    const { port = options.port, rest } = takeOwnPort('ssh', withoutDashes(behind))
    const portOf = onlyPort(port)
    await visit({
      command,
      io,
      typed: machine,
      options,
      portOf,
      run: (place, found) => {
        const host = user === undefined ? place.address : `${user}@${place.address}`
        const own = ['-p', String(place.port), ...hostKeyOptions(place, portOf(), found)]
        return handTo(io, 'ssh', [...own, host, ...rest])
      },
    })
  })
}

/** `ssh web1 -- uptime`: the dashes were for us. */
function withoutDashes(rest: readonly string[]): readonly string[] {
  return rest[0] === '--' ? rest.slice(1) : rest
}
