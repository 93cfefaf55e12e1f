/** `scp`: files to and from a machine, whether or not its port is open yet. */
import type { Command } from 'commander'
import { withExamples } from '../help/examples.ts'
import { usageFailure } from '../failure.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { handTo } from '../reach/hand-to.ts'
import { hostKeyOptions } from '../reach/host-key.ts'
import { refuseLong, takeOwnPort } from '../reach/own-port.ts'
import { onlyPort } from '../reach/port-of.ts'
import { withReachOptions, type ReachOptions } from '../reach/reach-options.ts'
import { splitRemoteFile } from '../reach/target.ts'
import { visit } from '../reach/visit.ts'

export function addScp(program: Command, io: Io): void {
  const command = withGlobalOptions(
    withReachOptions(
      program
        .command('scp')
        .description('copy files to or from a machine: open its port if need be, wait, copy')
        .argument('<arguments...>', 'as scp takes them; a machine’s files are [user@]machine:file')
        .option('-p, --port <port>', 'the port that sshd listens on', '22')
        .passThroughOptions()
        .allowUnknownOption(),
    ),
  )
  withExamples(command, [
    { does: 'fetch a file', line: 'sallyport scp ada@web1:/var/log/syslog .' },
    { does: 'send a folder, and close behind me', line: 'sallyport scp --close -r site ada@web1:/srv' },
  ])
  command.action(async (args: string[], options: ReachOptions & { readonly port: string }) => {
    const { port = options.port, rest: given } = takeOwnPort('scp', args[0] === '--' ? args.slice(1) : args)
    for (const arg of given) refuseLong('scp', arg)
    const portOf = onlyPort(port)
    const { platform } = io.outside
    await visit({
      command,
      io,
      typed: onlyMachine(given, platform),
      options,
      portOf,
      run: (place, found) => {
        const own = ['-P', String(place.port), ...hostKeyOptions(place, portOf(), found)]
        return handTo(io, 'scp', [...own, ...given.map((arg) => withAddress(arg, place.address, platform))])
      },
    })
  })
}

function onlyMachine(args: readonly string[], platform: string): string {
  const machines = args.filter((arg) => !arg.startsWith('-')).map((arg) => splitRemoteFile(arg, platform)?.machine)
  const [machine, ...others] = [...new Set(machines.filter((name) => name !== undefined))]
  if (machine === undefined) throw usageFailure('no machine is named', 'sallyport scp [user@]machine:file .')
  if (others.length > 0) throw usageFailure(`one machine at a time; got ${[machine, ...others].join(' and ')}`)
  return machine
}

function withAddress(arg: string, address: string, platform: string): string {
  const remote = arg.startsWith('-') ? undefined : splitRemoteFile(arg, platform)
  if (remote === undefined) return arg
  const host = address.includes(':') ? `[${address}]` : address
  return `${remote.user === undefined ? '' : `${remote.user}@`}${host}:${remote.file}`
}
