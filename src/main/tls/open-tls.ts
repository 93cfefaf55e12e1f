/**
 * What the server speaks, and the certificate to speak TLS with: the one that was given, or one of a development authority.
 * Off loopback there is always one: plain HTTP would carry tokens in clear text over somebody's wire.
 */
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import type { App } from '../../app/app.ts'
import type { ServerDeps } from '../../server/deps.ts'
import { isLoopback } from '../../server/auth/loopback.ts'
import type { Config } from '../config/config.ts'
import { openDevTls } from './dev-tls.ts'
import { readGivenCertificate } from './given-certificate.ts'
import { trustInstructions } from './trust-instructions.ts'

/** `either`: HTTPS for everybody, and plain HTTP for whom `plainHttp` allows it, on one port. */
export type Speech = 'http' | 'https' | 'either'

type Spoken = Pick<Config, 'tls' | 'tlsCert' | 'listen'>

export function speechOf({ tls, tlsCert, listen }: Spoken): Speech {
  if (tls !== undefined || tlsCert !== undefined) return 'https'
  return isLoopbackHost(hostAndPort(listen).host) ? 'http' : 'either'
}

/** Whether `http://` reaches this host's own address from this machine. */
export function speaksPlain(config: Spoken & Pick<Config, 'plainHttp'>, host: string): boolean {
  const speech = speechOf(config)
  return speech === 'http' || (speech === 'either' && (config.plainHttp === 'anywhere' || isLoopbackHost(host)))
}

export function hostAndPort(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).replaceAll(/[[\]]/g, ''), port: Number(listen.slice(colon + 1)) }
}

export function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}

export interface OpenedTls extends Pick<ServerDeps, 'tls' | 'plainHttp'> {
  /** What clients must trust, where it is not a certificate that they trust already. */
  readonly caFile?: string
  /** For the person who started it. */
  readonly notice?: string
}

export async function openTls(config: Config, { clock, log }: Pick<App, 'clock' | 'log'>): Promise<OpenedTls> {
  const { tlsCert, tlsKey, data, plainHttp } = config
  const speech = speechOf(config)
  if (tlsCert !== undefined && tlsKey !== undefined) return { tls: await readGivenCertificate({ tlsCert, tlsKey }) }
  if (speech === 'http') return {}
  const place = { folder: data, now: clock.now(), ...namesFor(config) }
  const { cert, key, authorityFile, isNew } = await openDevTls(place)
  log.info({ file: authorityFile, isNew }, 'serving with a development certificate')
  if (plainHttp === 'anywhere')
    log.warn({ listen: config.listen }, 'plain HTTP is served to everybody: tokens can be read and stolen on the way')
  return {
    tls: { cert, key },
    ...(speech === 'either' && { plainHttp }),
    caFile: authorityFile,
    ...(isNew && { notice: trustInstructions(authorityFile, await readFile(authorityFile, 'utf8')) }),
  }
}

/** What clients call it by, besides the names that every machine has. */
function namesFor({ publicUrl, listen }: Config): { names: string[] } {
  const publicHost = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replaceAll(/[[\]]/g, '')]
  const { host } = hostAndPort(listen)
  const addresses = isAny(host) ? ownAddresses() : isLoopbackHost(host) ? [] : [host]
  return { names: [...publicHost, ...addresses] }
}

/** Link-local ones mean nothing without an interface, which a certificate cannot name. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address)
}
