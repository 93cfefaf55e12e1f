/**
 * `--curl`: what a command would send, as curl calls for a shell. Never prints the token, only the variable that holds it,
 * and sends nothing that changes anything: the first such call is printed and ends the command. What it has to read
 * before, to know what to send, is read and printed too.
 */
import { Done } from './failure.ts'
import type { Transport } from './client.ts'
import type { Io } from './io.ts'

export function printingCurl(send: Transport, { stdout }: Pick<Io, 'stdout'>): Transport {
  return async (url, init) => {
    stdout.write(`${curlText(url, init)}\n`)
    if (!isReading(url, init)) throw new Done()
    return send(url, init)
  }
}

/** A dry run is a judgement. A download is what the command is for, so it is not needed to go on. */
function isReading(url: string, { method, headers }: Parameters<Transport>[1]): boolean {
  const isDryRun = new URL(url).searchParams.get('dryRun') === 'true'
  return isDryRun || (method === 'GET' && headers['accept'] === 'application/json')
}

function curlText(url: string, { method, headers, body }: Parameters<Transport>[1]): string {
  const { authorization: _, ...rest } = headers
  const parts = [
    `curl -sS${method === 'GET' ? '' : ` -X ${method}`} ${quoted(url)}`,
    `-H "Authorization: Bearer $SALLYPORT_TOKEN"`,
    ...Object.entries(rest).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data ${quoted(body)}`]),
  ]
  return parts.join(' \\\n  ')
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
