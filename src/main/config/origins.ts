/**
 * The addresses by which people and programs may reach this server and sign in. Tokens name one, cookies belong to one, and
 * issuers send browsers back to one; so each is an address of its own, and any other that somebody writes is the first.
 */
import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Config } from './config.ts'
import { hostAndPort, isAny, speaksPlain, speechOf } from '../tls/open-tls.ts'

/**
 * The first names the server. More only where it listens on every address and was not told what it is called: then they
 * are the names on its certificate. None where the port is another one at the next start.
 */
export function originsOf(config: Config, certificate: string | undefined): readonly string[] {
  const first = addressOf(config)
  if (first === undefined) return []
  const { host, port } = hostAndPort(config.listen)
  const { origin } = new URL(first)
  if (config.publicUrl !== undefined || !isAny(host)) return [origin]
  const secure = speechOf(config) === 'http' || certificate === undefined ? [] : namesOn(certificate)
  const plain = ['localhost', '127.0.0.1', '[::1]'].filter((name) => speaksPlain(config, name.replaceAll(/[[\]]/g, '')))
  const all = [...plain.map((name) => `http://${name}:${port}`), ...secure.map((name) => `https://${name}:${port}`)]
  return [...new Set([origin, ...all.map((address) => new URL(address).origin)])]
}

/** Undefined where a free port is another one at the next start. */
export function addressOf(config: Config): string | undefined {
  if (config.publicUrl !== undefined) return config.publicUrl
  const { host: listening, port } = hostAndPort(config.listen)
  const host = isAny(listening) ? 'localhost' : listening
  const scheme = speaksPlain(config, host) ? 'http' : 'https'
  return port === 0 ? undefined : `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** `DNS:localhost, IP Address:192.0.2.2`; a pattern such as `*.example.org` is no name. */
function namesOn(certificate: string): string[] {
  const entries = new X509Certificate(certificate).subjectAltName?.split(', ') ?? []
  return entries.flatMap((entry) => {
    const [, kind, name = ''] = /^(DNS|IP Address):([\w.:-]+)$/.exec(entry) ?? []
    if (kind === undefined) return []
    return [name.includes(':') ? `[${name}]` : name]
  })
}

/** Which of them a request was sent to; the first when it was none. */
export function originFor(request: IncomingMessage, origins: readonly string[]): string {
  const host = request.headers.host ?? request.headers[':authority']?.toString() ?? ''
  return knownOrigin(`${request.socket instanceof TLSSocket ? 'https' : 'http'}://${host}`, origins)
}

export function knownOrigin(address: string, origins: readonly string[]): string {
  const origin = URL.canParse(address) ? new URL(address).origin : ''
  return origins.find((known) => known === origin) ?? origins[0] ?? ''
}
