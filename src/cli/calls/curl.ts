/**
 * `--curl`: what a command would send, as curl calls for a shell. Never prints the token, only the variable that holds it, as
 * the one that names the authority's file where the server's certificate needs one, and sends nothing that changes anything: the first such call is printed and ends the command. What it has to read
 * before, to know what to send, is read and printed too.
 */
import { Done } from '../failure.ts'
import type { Transport } from './client.ts'
import type { Io } from '../io.ts'

interface Printing extends Pick<Io, 'stdout'> {
  /** The server's certificate is signed by an authority that the machine need not know. */
  readonly ownAuthority: boolean
}

export function printingCurl(send: Transport, { stdout, ownAuthority }: Printing): Transport {
  return async (url, init) => {
    stdout.write(`${curlText(url, init, ownAuthority)}\n`)
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

function curlText(
  called: string,
  { method, headers, body, certName }: Parameters<Transport>[1],
  ownAuthority: boolean,
): string {
  const { url, way } = wayTo(called, certName)
  const { authorization: _, ...rest } = headers
  const parts = [
    `curl -sS${method === 'GET' ? '' : ` -X ${method}`} ${quoted(url)}`,
    ...way,
    ...(ownAuthority ? ['--cacert "$SALLYPORT_CA_FILE"'] : []),
    `-H "Authorization: Bearer $SALLYPORT_TOKEN"`,
    ...Object.entries(rest).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data ${quoted(body)}`]),
  ]
  return parts.join(' \\\n  ')
}

/** Curl checks a certificate for the name in the address alone, and is told where that is. */
function wayTo(
  called: string,
  certName: string | undefined,
): { readonly url: string; readonly way: readonly string[] } {
  const { hostname, port } = new URL(called)
  if (certName === undefined || certName === hostname) return { url: called, way: [] }
  const there = `:${port === '' ? '443' : port}`
  const url = called.replace(`//${hostname}`, `//${certName}`)
  return { url, way: [`--connect-to ${quoted(`${certName}${there}:${hostname}${there}`)}`] }
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
