/** `rdp`: a desktop on a machine, by the program for it that this machine has, or by a file for one elsewhere. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Command } from 'commander'
import { withExamples } from '../help/examples.ts'
import { EXIT } from '../exit-codes.ts'
import { usageFailure } from '../failure.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { placeText } from '../reach/knock.ts'
import { onlyPort } from '../reach/port-of.ts'
import { withReachOptions, type ReachOptions } from '../reach/reach-options.ts'
import { splitTarget } from '../reach/target.ts'
import type { Screen } from '../session.ts'
import { visit } from '../reach/visit.ts'
import { systemReason } from '../system-reason.ts'

interface RdpOptions extends ReachOptions {
  readonly port: string
  readonly file?: string
}

export function addRdp(program: Command, io: Io): void {
  const command = withGlobalOptions(
    withReachOptions(
      program
        .command('rdp')
        .description('a desktop on a machine: open its port if need be, wait, connect')
        .argument('<[user@]machine>', 'its name, its id, or the beginning of one')
        .option('-p, --port <port>', 'the port of the remote desktop', '3389')
        .option('--file <file>', 'write a .rdp file instead of starting a program'),
    ),
  )
  withExamples(command, [
    { does: 'a desktop', line: 'sallyport rdp ada@win1' },
    { does: 'a file to open elsewhere', line: 'sallyport rdp win1 --file win1.rdp --keep' },
  ])
  command.action(async (typed: string, options: RdpOptions) => {
    const { user, machine } = splitTarget(typed)
    await visit({
      command,
      io,
      typed: machine,
      options,
      forLater: options.file !== undefined,
      portOf: onlyPort(options.port),
      run: async (place, { name }, session) => {
        const text = rdpFile(placeText(place), user)
        if (options.file !== undefined) {
          written(options.file, text)
          return toldOf(options.file, session)
        }
        const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-rdp-'))
        const file = path.join(folder, `${name.replaceAll(/[^\w.-]/g, '_')}.rdp`)
        written(file, text)
        const exit = await firstProgram(io, programs(io.outside.platform, { file, place: placeText(place), user }))
        if (exit === undefined) return toldOf(file, session)
        rmSync(folder, { recursive: true, force: true })
        return exit
      },
    })
  })
}

/** It may name a user: nobody else's business. */
function written(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 })
  } catch (cause) {
    throw usageFailure(`${file} cannot be written (${systemReason(cause)})`)
  }
}

function toldOf(file: string, session: Screen): number {
  session.say(`Open ${file} with a program for remote desktops.`)
  return EXIT.ok
}

/** https://learn.microsoft.com/azure/virtual-desktop/rdp-properties; its lines end as Windows' do. */
function rdpFile(place: string, user: string | undefined): string {
  const lines = [
    `full address:s:${place}`,
    ...(user === undefined ? [] : [`username:s:${user}`]),
    'prompt for credentials:i:1',
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

interface Desktop {
  readonly file: string
  readonly place: string
  readonly user: string | undefined
}

type Line = readonly [program: string, ...args: string[]]

function programs(platform: string, { file, place, user }: Desktop): readonly Line[] {
  if (platform === 'win32') return [['mstsc', file]]
  if (platform === 'darwin') return [['open', '-W', file]]
  const args = [`/v:${place}`, ...(user === undefined ? [] : [`/u:${user}`]), '/dynamic-resolution']
  return [
    ['xfreerdp3', ...args],
    ['xfreerdp', ...args],
  ]
}

/** Undefined when there is none of them. */
async function firstProgram({ outside }: Io, lines: readonly Line[]): Promise<number | undefined> {
  for (const [program, ...args] of lines) {
    const exit = await outside.hand(program, args)
    if (exit !== undefined) return exit
  }
  return undefined
}
