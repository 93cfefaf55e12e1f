/** What one command works with: the server, the way to print, the present. Made when a command starts, never before. */
import type { Command } from 'commander'
import { clientOf, type Client } from './client.ts'
import { findServer } from './find-server.ts'
import { optionsOf } from './global-options.ts'
import type { Io } from './io.ts'
import { print, type Column, type Format } from './output.ts'
import { printable } from './printable.ts'
import type { TimeView } from './times.ts'

export interface Screen {
  readonly io: Io
  readonly format: Format
  readonly view: TimeView
  /** Data, on stdout. `data` is what JSON and YAML show. */
  show<T>(shown: {
    readonly data: unknown
    readonly rows: readonly T[]
    readonly columns: readonly Column<T>[]
  }): Promise<void>
  /** A line about what happens, on stderr. */
  say(line: string): void
}

export interface Session extends Screen {
  readonly client: Client
}

export function openScreen(command: Command, io: Io): Screen {
  const { output, utc } = optionsOf(command)
  const view = { utc: utc === true, timeZone: io.timeZone }
  const format = output ?? 'table'
  return {
    io,
    format,
    view,
    show: (shown) => print({ io, format, view, ...shown }),
    say: (line) => io.stderr.write(`${printable(line)}\n`),
  }
}

export function openSession(command: Command, io: Io): Session {
  const access = findServer(optionsOf(command), io.env)
  const screen = openScreen(command, io)
  if (isUnguarded(access.url)) {
    screen.say(`warning: ${access.url} is not encrypted; your token can be read on the way. Use https.`)
  }
  return { ...screen, client: clientOf(access) }
}

/** Over plain http only this machine itself is out of a listener's reach. */
function isUnguarded(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
}
