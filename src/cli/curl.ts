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

/** A dry run and a plan are judgements. A download is what the command is for, so it is not needed to go on. */
function isReading(url: string, { method, headers }: Parameters<Transport>[1]): boolean {
  const { pathname, searchParams } = new URL(url)
  const isJudgement = searchParams.get('dryRun') === 'true' || pathname.endsWith('/policies/plan')
  return isJudgement || (method === 'GET' && headers['accept'] === 'application/json')
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
