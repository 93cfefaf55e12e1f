/** What one command works with: the server, the way to print, the present. Made when a command starts, never before. */
import type { Command } from 'commander'
import { clientOf, type Client, type Transport } from './calls/client.ts'
import { printingCurl } from './calls/curl.ts'
import { usageFailure } from './failure.ts'
import { findServer } from './calls/find-server.ts'
import { optionsOf, type GlobalOptions } from './options/global-options.ts'
import { httpCall } from './calls/http-call.ts'
import type { Io, TextOut } from './io.ts'
import { FORMATS, print, type Column, type Format } from './show/output.ts'
import { printable } from './show/printable.ts'
import type { TimeView } from './times.ts'
import { prepareTransport } from './calls/transport.ts'
import { tellingSlowness } from './calls/slow-answer.ts'
import { tellingCalls } from './calls/verbose.ts'

export interface Shown<T> {
  readonly data: unknown
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
}

export interface Screen {
  /** Its streams are silent where the command line asked for that. */
  readonly io: Io
  /** `table` alone shows facts and remarks beside the data; what a query left is bare rows. */
  readonly format: Format | 'queried'
  readonly view: TimeView
  /** On stdout. `data` is what JSON and YAML show. */
  show<T>(shown: Shown<T>): Promise<void>
  /** A line about what happens, on stderr. */
  say(line: string): void
}

export interface Session extends Screen {
  readonly client: Client
}

export function openScreen(command: Command, io: Io): Screen {
  const options = optionsOf(command)
  const { query, utc } = options
  const view = { utc: utc === true, timeZone: io.timeZone }
  const format = options.output ?? formatIn(io.env) ?? 'table'
  const seen = { ...io, ...streamsFor(options, io) }
  return {
    io: seen,
    format: query !== undefined && format === 'table' ? 'queried' : format,
    view,
    show: async (shown) => {
      if (options.curl !== true) await print({ io, format, query, view, ...shown })
    },
    say: (line) => seen.stderr.write(`${printable(line)}\n`),
  }
}

export function openSession(command: Command, io: Io): Session {
  const options = optionsOf(command)
  const access = findServer(options, io)
  prepareTransport(access.ca, io.env)
  const screen = openScreen(command, io)
  if (isUnguarded(access.url)) {
    screen.say(`warning: ${access.url} is not encrypted; your token can be read on the way. Use https.`)
  }
  const transport = transportFor(options, { ...io, ownAuthority: access.ca !== undefined })
  return {
    ...screen,
    client: clientOf(
      access,
      tellingSlowness(transport, (line) => screen.say(line)),
    ),
  }
}

function formatIn(env: Io['env']): Format | undefined {
  const text = env['SALLYPORT_OUTPUT'] ?? ''
  const format = FORMATS.find((one) => one === text)
  if (format !== undefined || text === '') return format
  throw usageFailure(`SALLYPORT_OUTPUT is '${text}', which is no format`, `one of ${FORMATS.join(', ')}`)
}

/** Nobody is asked a question whose answer would change nothing. */
function streamsFor({ quiet, curl }: GlobalOptions, { stdin, stdout, stderr }: Io): Partial<Io> {
  if (curl === true) return { stdin: { ...stdin, isTerminal: false }, stdout: silent(stdout), stderr: silent(stderr) }
  return quiet === true ? { stderr: silent(stderr) } : {}
}

/** Still a terminal, if it was one: whoever may be asked questions is asked. */
function silent({ isTerminal }: TextOut): TextOut {
  return { isTerminal, write: () => undefined }
}

function transportFor({ curl, verbose }: GlobalOptions, io: Io & { readonly ownAuthority: boolean }): Transport {
  const told = verbose === true ? tellingCalls(httpCall, io) : httpCall
  return curl === true ? printingCurl(told, io) : told
}

/** Over plain http only this machine itself is out of a listener's reach. */
export function isUnguarded(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
}
