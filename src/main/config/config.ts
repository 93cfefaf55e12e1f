/**
 * The server's configuration: flag over environment over file over default. The only reader of the environment for the
 * server. Options are checked here, when they are given, never when they are used.
 */
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseIpPrefix } from '../../domain/net.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { formatDuration, HOUR, MINUTE, parseDuration, type Millis } from '../../domain/time.ts'
import { auditSettings, auditSinkList } from './audit-config.ts'
import { issuerList } from './issuer-config.ts'

const address = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/,
    'an address is HOST:PORT, like 127.0.0.1:8470, [::1]:8470 or 0.0.0.0:8470',
  )

const duration = z.string().transform((text, context): Millis => {
  const parsed = parseDuration(text)
  if (parsed.ok) return parsed.value
  context.addIssue({ code: 'custom', message: 'a duration is written like PT2S' })
  return z.NEVER
})

const sessionTime = duration.refine((millis) => millis >= MINUTE, 'a browser stays signed in for PT1M at least')

/** Every address that a proxy of ours may have; written as a list in the file, with commas elsewhere. */
const proxyPrefixes = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value),
    z.array(z.string()),
  )
  .refine((parts) => parts.every((part) => parseIpPrefix(part).ok), {
    error: 'expected addresses or CIDR prefixes, like 10.0.0.0/8,fd00::/8',
  })

/** What can be a flag, a variable or a line of the file. */
const options = z.strictObject({
  data: z.string().min(1).default('/var/lib/sallyport').describe('folder for the database and the administrator token'),
  listen: address.default('127.0.0.1:8470').describe('address to serve on, HOST:PORT; port 0 takes a free one'),
  agentListen: address
    .optional()
    .describe('address that agents on hosts connect to, HOST:PORT; without it this server takes no agents'),
  agentUrl: z
    .url({ protocol: /^https$/, error: 'expected a URL like https://jit.example.org:8471' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('the URL that hosts reach it by, when it is not that address'),
  readyFile: z
    .string()
    .optional()
    .describe('file that gets the address and the installation’s ids once the server serves'),
  fleet: z.string().optional().describe('JSON file of simulated machines to serve instead of this host'),
  thisHost: z
    .enum(['on', 'off'])
    .default('on')
    .describe('off: this host is not protected, only what is connected; --fleet takes its place too'),
  gateway: z
    .string()
    .optional()
    .describe('YAML or JSON file of the machines behind this host, which it then protects as a gateway'),
  database: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a database is postgres://USER@HOST/NAME; leave it out for SQLite in the data folder')
    .optional()
    .describe('PostgreSQL for several replicas; SQLite in the data folder without it'),
  ipv6: z
    .enum(['allowed', 'refused'])
    .default('allowed')
    .describe('whether sources may be IPv6; the original refuses them'),
  drift: z
    .enum(['repair', 'report'])
    .default('repair')
    .describe(
      'what is done about rules that somebody else changed: put right at once, or only told; holes close either way',
    ),
  answerWithin: duration.default(5_000).describe('how long an answer waits for the firewall, ISO-8601'),
  nftBackend: z
    .enum(['auto', 'library', 'process'])
    .default('auto')
    .describe('libnftables in process, or the nft command'),
  nftOwner: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe('hold the kernel table so that no other process can change it'),
  tlsCert: z.string().optional().describe('PEM file of the certificate to serve HTTPS with'),
  tlsKey: z.string().optional().describe('PEM file of its key'),
  tls: z
    .enum(['dev'])
    .optional()
    .describe(
      'dev: HTTPS alone, with a certificate authority for development in the data folder; made by itself where no certificate is given and others can reach the server',
    ),
  plainHttp: z
    .enum(['loopback', 'anywhere'])
    .default('loopback')
    .describe('from where plain HTTP is served when no certificate is given; anywhere: behind a proxy that ends TLS'),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'expected a URL like https://jit.example.org:8443' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('the URL that clients reach this server by, when it is not the address it listens on'),
  ownIssuer: z
    .enum(['on', 'off'])
    .default('on')
    .describe('whether this installation has users and service principals of its own'),
  ownIssuerOneTimeCodes: z
    .enum(['administrators', 'everybody', 'optional'])
    .default('administrators')
    .describe('who of its users signs in with a one-time code besides the password, and sets one up for that'),
  issuerKeyFile: z
    .string()
    .optional()
    .describe('key that seals what signs tokens; replicas of one database share it (issuer.key in the data folder)'),
  sessionIdle: sessionTime
    .default(30 * MINUTE)
    .describe('how long a browser stays signed in that nobody uses, ISO-8601'),
  sessionLongest: sessionTime
    .default(8 * HOUR)
    .describe('how long a browser stays signed in, however much it is used, ISO-8601'),
  trustedProxies: proxyPrefixes
    .optional()
    .describe('addresses of proxies whose word on the caller’s address is taken, with commas'),
  proxyHeader: z
    .enum(['x-forwarded-for', 'forwarded'])
    .default('x-forwarded-for')
    .describe('the header that those proxies write; no other is read'),
  trustClock: z
    .preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())
    .default(false)
    .describe('accept a wall clock that is behind the last recorded time'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('what is logged, as JSON lines on standard error'),
})

const schema = options.extend({ issuers: issuerList, audit: auditSettings, auditSinks: auditSinkList })

export type Config = z.output<typeof schema>
/** Of the options; lists of many parts are the file's alone. */
export type ConfigKey = keyof typeof options.shape

export interface Option {
  readonly key: ConfigKey
  readonly flag: string
  readonly variable: string
  readonly text: string
  /** As it would be written; undefined where there is none. */
  readonly fallback: string | undefined
}

/** Every option, for flags, environment variables and the documentation: one list. */
export const OPTIONS: readonly Option[] = Object.entries(options.shape).map(([key, field]) => ({
  key: key as ConfigKey, // the shape's own keys
  flag: key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  variable: `SALLYPORT_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
  text: field.description ?? '',
  fallback: writtenConfig(schema.parse({}))[key],
}))

/** A configuration as a file would write it, less what is written in no other place. */
export function writtenConfig({
  issuers: _issuers,
  audit: _audit,
  auditSinks: _sinks,
  ...config
}: Config): Record<string, string> {
  const written: Record<string, string> = {}
  const { answerWithin, sessionIdle, sessionLongest } = config
  const durations = { answerWithin, sessionIdle, sessionLongest }
  for (const [key, value] of Object.entries(config)) if (value !== undefined) written[key] = String(value)
  for (const [key, value] of Object.entries(durations)) written[key] = formatDuration(value)
  return written
}

const DEFAULT_CONFIG_FILE = '/etc/sallyport.yaml'

export interface ConfigSources {
  /** As typed; undefined where not given. */
  readonly flags: Readonly<Partial<Record<ConfigKey, string | boolean>>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** A file that must exist; without it {@link DEFAULT_CONFIG_FILE} is read if it is there. */
  readonly file: string | undefined
}

export async function loadConfig({ flags, env, file }: ConfigSources): Promise<Result<Config>> {
  const path = file ?? env['SALLYPORT_CONFIG']
  const fromFile = await readConfigFile(path ?? DEFAULT_CONFIG_FILE, path !== undefined)
  if (!fromFile.ok) return fromFile
  const merged: Record<string, unknown> = { ...fromFile.value }
  for (const { key, variable } of OPTIONS) {
    const given = flags[key] ?? env[variable]
    if (given !== undefined) merged[key] = given
  }
  const parsed = schema.safeParse(merged)
  if (!parsed.success) return refused(...parsed.error.issues.map(issueFrom))
  const issues = issuesOfCombination(parsed.data)
  return issues.length > 0 ? refused(...issues) : ok(parsed.data)
}

async function readConfigFile(path: string, mustExist: boolean): Promise<Result<Record<string, unknown>>> {
  try {
    const value: unknown = parse(await readFile(path, 'utf8'))
    if (value === null || value === undefined) return ok({})
    if (typeof value === 'object' && !Array.isArray(value)) return ok({ ...value })
    return refused(refusal('InvalidConfigFile', `${path} must be a YAML mapping of options`, path))
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return ok({}) // readFile's own error
    return refused(refusal('InvalidConfigFile', `${path} cannot be read: ${(cause as Error).message}`, path)) // fs and yaml throw Errors
  }
}

function issueFrom(issue: z.core.$ZodIssue): Refusal {
  if (issue.code === 'unrecognized_keys') {
    const place = issue.path.length === 0 ? '' : ` in ${issue.path.join('.')}`
    const known = place === '' ? `; the options are ${Object.keys(schema.shape).join(', ')}` : ''
    return refusal('UnknownOption', `unknown option ${issue.keys.join(', ')}${place}${known}`)
  }
  const key = String(issue.path[0] ?? '')
  const option = OPTIONS.find((candidate) => candidate.key === key)
  const names =
    option === undefined
      ? `${issue.path.join('.')} in the file`
      : `--${option.flag}, ${option.variable}, or '${key}' in the file`
  return refusal('InvalidOption', `${key}: ${issue.message} (${names})`, key)
}

function issuesOfCombination({ tlsCert, tlsKey, tls, plainHttp, gateway, fleet, thisHost }: Config): Refusal[] {
  const issues: Refusal[] = []
  if (gateway !== undefined && (fleet !== undefined || thisHost === 'off'))
    issues.push(
      refusal(
        'InvalidOption',
        'gateway: this host must itself be protected to be a gateway: leave out fleet, and thisHost: off',
        'gateway',
      ),
    )
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    issues.push(refusal('InvalidOption', 'tlsCert and tlsKey belong together: give both or neither', 'tlsCert'))
  if (tls !== undefined && tlsCert !== undefined)
    issues.push(
      refusal('InvalidOption', 'tls: dev makes a certificate of its own: leave out tlsCert and tlsKey', 'tls'),
    )
  if (plainHttp === 'anywhere' && (tls !== undefined || tlsCert !== undefined))
    issues.push(
      refusal(
        'InvalidOption',
        'plainHttp: anywhere is for a server without a certificate; with tls or tlsCert it speaks HTTPS alone: leave one out',
        'plainHttp',
      ),
    )
  return issues
}
