/**
 * Reads an issuer's keys over HTTP. Follows no redirect and waits for nobody long: who answers here decides who may come
 * in, so everything unexpected is an error.
 */
import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import type { Millis } from '../../domain/time.ts'

const PATIENCE: Millis = 5_000
const LARGEST_DOCUMENT = 512 * 1024

const discoveryShape = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) })
const keySetShape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/** https://openid.net/specs/openid-connect-discovery-1_0.html §4 */
export async function fetchDiscoveredKeys(issuer: string): Promise<JSONWebKeySet> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const document = discoveryShape.parse(await fetchJson(place))
  // §4.3: another issuer's document would make its keys ours.
  if (document.issuer !== issuer)
    throw new Error(`${place} should speak for '${issuer}'; it speaks for '${document.issuer.slice(0, 200)}'`)
  return fetchKeySet(document.jwks_uri)
}

export async function fetchKeySet(uri: string): Promise<JSONWebKeySet> {
  return keySetShape.parse(await fetchJson(uri))
}

async function fetchJson(place: string): Promise<unknown> {
  if (!isProtected(place)) throw new Error(`keys are read over HTTPS only; got '${place.slice(0, 200)}'`)
  const response = await fetch(place, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(PATIENCE),
  })
  if (response.status !== 200) throw new Error(`${place} should answer 200; it answers ${response.status}`)
  return JSON.parse(await textOf(response, place))
}

/** Whoever stands between could put his own keys in: only this machine itself is reached without TLS. */
function isProtected(place: string): boolean {
  const { protocol, hostname } = new URL(place)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

async function textOf(response: Response, place: string): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.byteLength
    if (length > LARGEST_DOCUMENT) throw new Error(`${place} answers more than ${LARGEST_DOCUMENT} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
