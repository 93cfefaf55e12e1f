/**
 * The real issuer over the real SQLite store, listening with TLS on a port of its own, and a plain client that trusts its
 * certificate. The clock is the machine's, moved by `move`; the OpenID library's own goes along.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as httpsRequest } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose'
import { vi } from 'vitest'
import type { Store } from '../../src/app/ports/store.ts'
import { createIssuer, type Issuer } from '../../src/issuer/create-issuer.ts'
import { hashPassword } from '../../src/issuer/password.ts'
import { openSealer, type Sealer } from '../../src/issuer/seal.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { makeCertificate } from '../support/certificate.ts'
import type { Reply as PlainReply } from '../support/reply.ts'

export const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47'
export const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'
export const PASSWORD = 'correct horse battery'

export interface Reply extends PlainReply {
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Asking {
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

export interface RunningIssuer {
  readonly url: string
  readonly cert: string
  readonly issuer: () => Issuer
  readonly store: () => Store
  /** Where its database is. */
  readonly folder: string
  readonly sealer: Sealer
  readonly faults: unknown[]
  /** Who must have a one-time code. */
  readonly administrators: Set<string>
  ask(path: string, asking?: Asking): Promise<Reply>
  /** Verified against the published keys. */
  claimsOf(token: string): Promise<JWTPayload>
  /** Moves time, here and in the library. */
  move(millis: number): void
  /** As a crash and a start would: nothing but the store and the key file is left. */
  restart(): Promise<void>
  addUser(name: string, more?: object): Promise<string>
  stop(): Promise<void>
}

export async function startIssuer(): Promise<RunningIssuer> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const folder = await mkdtemp(join(tmpdir(), `sallyport-issuer-${process.pid}-`))
  const { cert, key } = makeCertificate()
  const sealer = await openSealer(join(folder, 'issuer.key'))
  let store = await openSqliteStore(folder)
  const faults: unknown[] = []
  const administrators = new Set<string>()
  let issuer: Issuer | undefined
  const server = createServer({ cert, key }, (request, response) => void issuer?.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const url = `https://localhost:${(server.address() as AddressInfo).port}` // it listens on TCP
  const make = (): Issuer =>
    createIssuer({
      store,
      url,
      tenant: TENANT,
      clock: { now: () => Date.now() },
      log: { error: (fields) => void faults.push(fields) },
      sealer,
      otherResources: ['https://management.azure.com/'],
      mustHaveCode: async (id) => administrators.has(id),
      addressOf: (request) => request.socket.remoteAddress ?? '',
    })
  issuer = make()
  const running = (): Issuer => issuer ?? make()
  return {
    url,
    cert,
    sealer,
    faults,
    administrators,
    issuer: running,
    store: () => store,
    folder,
    ask: (path, asking = {}) => ask(new URL(path, url), { ...asking, ca: cert }),
    claimsOf: async (token) => {
      const keys = createLocalJWKSet(await running().jwks())
      const { payload } = await jwtVerify(token, keys, { currentDate: new Date(), issuer: running().issuer })
      return payload
    },
    move: (millis) => void vi.setSystemTime(Date.now() + millis),
    restart: async () => {
      await store.close()
      store = await openSqliteStore(folder)
      issuer = make()
    },
    addUser: async (name, more = {}) => {
      const [id, now, passwordHash] = [crypto.randomUUID(), Date.now(), await hashPassword(PASSWORD)]
      const user = {
        id,
        name,
        displayName: name,
        passwordHash,
        mustChangePassword: false,
        validAfter: 0,
        createdAt: now,
      }
      await store.transaction((tx) => tx.identity.putUser({ ...user, ...more }))
      return id
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
      await rm(folder, { recursive: true })
      vi.useRealTimers()
    },
  }
}

export function ask(url: URL, { form, headers, ca }: Asking & { readonly ca: string }): Promise<Reply> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString()
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      { ca, method: body === undefined ? 'GET' : 'POST', headers: { ...type, ...headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const isJson = response.headers['content-type']?.startsWith('application/json') === true
          const { statusCode: status = 0, headers } = response
          resolve({ status, headers, text, body: isJson ? JSON.parse(text) : undefined })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
