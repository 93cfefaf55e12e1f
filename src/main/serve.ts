/**
 * The server's life: opens the store, looks at every point, serves, and on SIGTERM finishes what it acknowledged.
 * Order matters: the loop runs before the first call is accepted, so an end that passed while we were down closes first.
 */
import type { Http2SecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { App, Log } from '../app/app.ts'
import type { Changes } from '../app/audit/changes.ts'
import type { TrustedIssuer } from '../server/auth/trusted-issuer.ts'
import { trustedKeysOf } from '../server/auth/trusted-keys.ts'
import { createServer } from '../server/create-server.ts'
import { startAuditTrail, type AuditTrail } from './trail/audit-trail.ts'
import { openAuthentication } from './sign-in/authenticate.ts'
import { openBrowserSignIn } from './sign-in/browser-sign-in.ts'
import { certificateName } from './tls/certificate-name.ts'
import type { Config } from './config/config.ts'
import { openTenant } from './installation/installation.ts'
import { followCertificate, type Certificate } from './tls/follow-certificate.ts'
import { listening } from './config/listening.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { openApp, type Starting } from './open-app.ts'
import { hostAndPort, openTls, speaksPlain, speechOf, type OpenedTls } from './tls/open-tls.ts'
import { originsOf } from './config/origins.ts'
import { openOwnIssuer, type OwnIssuer } from './sign-in/own-issuer.ts'
import { findPortal, portalFolder } from './portal-files.ts'
import { proxiesOf } from './config/proxies.ts'
import { removeReadyFile, writeReadyFile } from './installation/ready-file.ts'
import { REAL_TIMER } from './real-timer.ts'
import { signInPlacesOf } from './sign-in/sign-in-places.ts'
import { startLoop } from './start-loop.ts'
import { sweepIdentity } from './sign-in/sweep-identity.ts'
import { watchChanges } from './watch-changes.ts'
import { keepFresh } from './keep-fresh.ts'
import type { World } from './world/world.ts'

export interface Serving {
  readonly url: string
  /** For the person who started it. */
  readonly notice?: string
  /** Refuses new calls, finishes what was accepted, lets passes under way end, closes the store. */
  stop(): Promise<void>
}

/** Rejects, with everything closed again, when the server cannot serve. */
export async function serve(config: Config, version: string): Promise<Serving> {
  const log = createLog(config.logLevel)
  const undo: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last()
  }
  try {
    return { ...(await start(config, { version, log, undo })), stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

async function start(config: Config, { version, log, undo }: Starting): Promise<Omit<Serving, 'stop'>> {
  const { app, token, agents, postures, passes, world, clouds, hosts } = await openApp(config, { version, log, undo })
  const { store, installation } = app
  const trail = await startAuditTrail(app, config, REAL_TIMER)
  undo.push(() => trail.stop())
  // After the passes, which still need the agents.
  if (agents !== undefined) undo.push(() => agents.stop())
  const loop = await startLoop(app, { passes, world, clouds, hosts })
  undo.push(loop.stop)
  await agents?.listen()
  const tenant = await openTenant(store)
  const tls = await openTls(config, app)
  const origins = originsOf(config, tls.tls?.cert)
  const ownIssuer = await openOwnIssuer({ config, app, tenant, origins })
  const stopSweeping = sweepIdentity(app)
  undo.push(async () => stopSweeping())
  const { changes, stop: stopWatching } = watchChanges(app, passes)
  undo.push(async () => stopWatching())
  const stopFreshening = keepFresh(postures)
  undo.push(async () => stopFreshening())
  const server = await createListener(app, { config, version, world, tenant, ownIssuer, trail, changes, tls, origins })
  undo.push(() => server.close())
  const { url, httpsUrl } = urlsOf(server, config)
  await recordStart(app, version, url)
  const { readyFile } = config
  if (readyFile !== undefined) {
    const places = { url, httpsUrl, agentUrl: agents?.door.url ?? null, caFile: tls.caFile ?? null }
    const certificate = { certFile: config.tlsCert ?? null, certName: certNameOf(config, { url, tls }) ?? null }
    const adminTokenFile = token.file ?? null
    await writeReadyFile(readyFile, { ...places, ...certificate, ...installation, adminTokenFile })
    undo.push(() => removeReadyFile(readyFile))
  }
  if (token.isNew)
    log.info(
      { file: token.file },
      'the administrator token was made: it is in this file, shown once; move it to a safe place',
    )
  return { url, ...(tls.notice === undefined ? {} : { notice: tls.notice }) }
}

interface Listening {
  readonly config: Config
  readonly version: string
  readonly world: World
  readonly tenant: string
  readonly ownIssuer: OwnIssuer | undefined
  readonly trail: AuditTrail
  readonly changes: Changes
  readonly tls: OpenedTls
  readonly origins: readonly string[]
}

async function createListener(
  app: App,
  { config, version, world, tenant, ownIssuer, trail, changes, tls: { tls, plainHttp }, origins }: Listening,
): Promise<FastifyInstance> {
  const issuers = [...ownIssuers(ownIssuer), ...config.issuers]
  const portal = await findPortal(portalFolder())
  const browsers = await openBrowserSignIn({ config, app, ownIssuer, origins })
  const keys = trustedKeysOf(issuers, app)
  const authentication = await openAuthentication(app, keys)
  const server = createServer({
    app,
    version,
    tenant,
    authenticate: authentication.authenticate,
    issuers: keys,
    signIn: signInPlacesOf(issuers),
    ...(ownIssuer === undefined ? {} : { issuer: ownIssuer.forServer }),
    ...(browsers === undefined ? {} : { browsers }),
    doctor: world.doctor,
    verifyTrail: () => trail.verify(),
    auditSinks: trail.sinks,
    changes,
    ...(portal === undefined ? {} : { portal }),
    unready: () => unready(app),
    metrics: createMetrics(app, world.metrics),
    ...(world.nsgs === undefined ? {} : { nsgs: world.nsgs }),
    ...(tls === undefined ? {} : { tls }),
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(config.trustedProxies === undefined ? {} : { proxies: proxiesOf(config) }),
  })
  server.addHook('onClose', () => authentication.stop())
  if (tls !== undefined) renewCertificate(server, { config, inUse: tls, log: app.log })
  await listening({ option: '--listen', address: config.listen }, () => server.listen(hostAndPort(config.listen)))
  return server
}

/** Only a certificate that was given: one of an authority of ours is made at a start. */
function renewCertificate(
  server: FastifyInstance,
  { config, inUse, log }: { readonly config: Config; readonly inUse: Certificate; readonly log: Log },
): void {
  const { tlsCert: certFile, tlsKey: keyFile } = config
  if (certFile === undefined || keyFile === undefined) return
  const listener = server.server as unknown as Http2SecureServer // with a certificate given, nothing but TLS is spoken
  const take = (fresh: Certificate): void => listener.setSecureContext(fresh)
  const following = followCertificate({ certFile, keyFile, inUse, take, log })
  server.addHook('onClose', async () => following.stop())
}

function ownIssuers(own: OwnIssuer | undefined): TrustedIssuer[] {
  return [...(own?.at.values() ?? [])].map(({ trusted }) => trusted)
}

async function unready(app: App): Promise<string | undefined> {
  return app.store.reads.setting('subscriptionId').then(
    () => undefined,
    () => 'the store does not answer',
  )
}

/** Where a client on this machine reaches the server: an address that stands for all is written as loopback. */
function urlsOf(server: FastifyInstance, config: Config): { url: string; httpsUrl: string | null } {
  const { address, port } = server.server.address() as AddressInfo // listening on a TCP address
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  const place = `://${host.includes(':') ? `[${host}]` : host}:${port}`
  const httpsUrl = speechOf(config) === 'http' ? null : `https${place}`
  return { url: speaksPlain(config, host) || httpsUrl === null ? `http${place}` : httpsUrl, httpsUrl }
}

/** Of a certificate that was given: one of ours names every address of this machine. */
function certNameOf(
  { tlsCert, publicUrl }: Config,
  { url, tls: { tls } }: { readonly url: string; readonly tls: OpenedTls },
): string | undefined {
  if (tlsCert === undefined || tls === undefined) return undefined
  const wanted = [url, ...(publicUrl === undefined ? [] : [publicUrl])]
  return certificateName(
    tls.cert,
    wanted.map((address) => new URL(address).hostname.replaceAll(/[[\]]/g, '')),
  )
}

async function recordStart(app: App, version: string, url: string): Promise<void> {
  const event = { at: app.clock.now(), action: 'server.started', actor: 'sallyport', address: '', target: url } as const
  await app.store.transaction((tx) => tx.append([{ ...event, data: JSON.stringify({ version }) }]))
}
