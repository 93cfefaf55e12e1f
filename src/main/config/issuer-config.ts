/**
 * Trusted issuers as the configuration file writes them. Everything that would weaken them is refused here: keys over
 * plain HTTP, algorithms with shared secrets, ids that could be another issuer's.
 */
import { z } from 'zod'
import { ALGORITHMS, type TrustedIssuer } from '../../server/auth/trusted-issuer.ts'

const names = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.string().min(1)).min(1))

const claims = z
  .strictObject({
    objectId: names.default(['oid']),
    name: names.default(['upn', 'preferred_username', 'unique_name']),
    groups: z.string().min(1).default('groups'),
  })
  .prefault({})

const place = z.url({
  protocol: /^https?$/,
  error: 'expected a URL that begins with https:// (http:// only to this machine)',
})

const issuerEntry = z
  .strictObject({
    issuer: place,
    audiences: names,
    algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256']),
    /** Left out, the issuer's discovery document names it. */
    jwksUri: place.optional(),
    claims,
    prefix: z
      .string()
      .regex(/^[\w.-]{1,64}:$/, 'a prefix is letters, digits, . _ - and a colon at the end, like github:')
      .optional(),
    require: z.record(z.string(), z.string()).default({}),
    /** A public client registered there for the command line; for Entra ID the scope is `api://…/.default offline_access`. */
    cliSignIn: z
      .strictObject({
        clientId: z.string().min(1),
        scope: z.string().min(1).default('openid profile offline_access'),
        name: z.string().min(1).optional(),
      })
      .optional(),
    /** A client registered there for this server, with `ADDRESS/auth/callback` as its redirect URI. */
    browserSignIn: z
      .strictObject({
        clientId: z.string().min(1),
        scope: z.string().min(1).default('openid profile'),
        clientSecretFile: z.string().min(1).exactOptional(),
      })
      .exactOptional(),
  })
  .check(({ value, issues }) => {
    const { issuer, jwksUri = issuer } = value
    for (const [path, url] of Object.entries({ issuer, jwksUri }))
      if (!isProtected(url)) issues.push({ code: 'custom', message: PLAIN, path: [path], input: url })
    if (value.prefix === undefined && value.claims.objectId.some((name) => name !== 'oid'))
      issues.push({ code: 'custom', message: UNPREFIXED, path: ['prefix'], input: value.prefix })
  })
  .transform(({ jwksUri, prefix = '', cliSignIn, ...entry }): TrustedIssuer => {
    const keys = jwksUri === undefined ? ({ kind: 'discovery' } as const) : ({ kind: 'uri', uri: jwksUri } as const)
    const named = cliSignIn && { cliSignIn: { ...cliSignIn, name: cliSignIn.name ?? new URL(entry.issuer).host } }
    return { ...entry, prefix, keys, ...named }
  })

const PLAIN = 'keys are read over HTTPS only, because they decide who may come in; http:// is for this machine alone'
const UNPREFIXED =
  "an object id from another claim than 'oid' needs a prefix, such as github:, so that it cannot name somebody of another issuer"

function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

export const issuerList = z
  .array(issuerEntry)
  .refine((entries) => new Set(entries.map(({ issuer }) => issuer)).size === entries.length, {
    error: 'an issuer is listed twice; list each once, with all its audiences',
  })
  .default([])

/** As the configuration file writes it; it has no secrets, only the names of files that do. */
export function writtenIssuer({ keys, prefix, judge: _judge, ...entry }: TrustedIssuer): object {
  const { require, ...rest } = entry
  return {
    ...rest,
    ...(keys.kind === 'uri' && { jwksUri: keys.uri }),
    ...(prefix !== '' && { prefix }),
    ...(Object.keys(require).length > 0 && { require }),
  }
}
