/** `winrm`: a PowerShell session on a machine; where there is no PowerShell here, the line to type into one elsewhere. */
import type { Command } from 'commander'
import { withExamples } from '../help/examples.ts'
import { EXIT } from '../exit-codes.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import type { Place } from '../outside.ts'
import { onlyPort, usualPort } from '../reach/port-of.ts'
import { withReachOptions, type ReachOptions } from '../reach/reach-options.ts'
import { splitTarget } from '../reach/target.ts'
import { visit } from '../reach/visit.ts'

const [OVER_TLS, PLAIN] = [5986, 5985]

export function addWinrm(program: Command, io: Io): void {
  const command = withGlobalOptions(
    withReachOptions(
      program
        .command('winrm')
        .description('a PowerShell session on a machine: open its port if need be, wait, connect')
        .argument('<[user@]machine>', 'its name, its id, or the beginning of one')
        .option(
          '-p, --port <port>',
          `the port of WinRM (default: ${OVER_TLS}, or ${PLAIN} where only that is protected)`,
        ),
    ),
  )
  withExamples(command, [{ does: 'a session', line: 'sallyport winrm ada@win1' }])
  command.action(async (typed: string, options: ReachOptions & { readonly port?: string }) => {
    const { user, machine } = splitTarget(typed)
    await visit({
      command,
      io,
      typed: machine,
      options,
      portOf: options.port === undefined ? usualPort(OVER_TLS, PLAIN) : onlyPort(options.port),
      run: async (place) => {
        const line = sessionLine(place, user)
        const args = ['-NoLogo', '-NoExit', '-Command', line]
        const exit = (await io.outside.hand('pwsh', args)) ?? (await io.outside.hand('powershell.exe', args))
        if (exit !== undefined) return exit
        io.stdout.write(`${line}\n`)
        return EXIT.ok
      },
    })
  })
}

function sessionLine({ address, port }: Place, user: string | undefined): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
  const parts = [
    'Enter-PSSession',
    `-ComputerName ${quoted(address)}`,
    `-Port ${port}`,
    ...(port === PLAIN ? [] : ['-UseSSL']),
    ...(user === undefined ? [] : [`-Credential ${quoted(user)}`]),
  ]
  return parts.join(' ')
}
