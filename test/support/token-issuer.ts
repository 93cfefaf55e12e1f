/** An issuer on this machine that signs whatever a test wants, serves its keys over HTTP, and can go down. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'

interface Key {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly published: object
}

export interface TokenIssuer {
  readonly url: string
  /** How often its keys were asked for. */
  readonly asked: () => number
  readonly rotate: (alg?: string) => Promise<void>
  /** Answers 500 from now on, or again properly. */
  readonly goDown: () => void
  readonly comeBack: () => void
  /** By the newest key. */
  readonly sign: (claims: JWTPayload, header?: { readonly kid?: string }) => Promise<string>
  readonly stop: () => Promise<void>
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  let keys: Key[] = [await newKey('RS256')]
  let [asked, isDown] = [0, false]
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (isDown) answer(500, {})
    else if (request.url === '/.well-known/openid-configuration') answer(200, { issuer: url, jwks_uri: `${url}/keys` })
    else if (request.url === '/keys') {
      asked += 1
      answer(200, { keys: keys.map(({ published }) => published) })
    } else answer(404, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on TCP
  return {
    url,
    asked: () => asked,
    rotate: async (alg = 'RS256') => void (keys = [await newKey(alg), ...keys.slice(0, 1)]),
    goDown: () => void (isDown = true),
    comeBack: () => void (isDown = false),
    sign: (claims, header) => signed(keys[0], { iss: url, ...claims }, header),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

let made = 0

async function newKey(alg: string): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const kid = `key-${(made += 1)}`
  return { kid, alg, privateKey, published: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

function signed(key: Key | undefined, claims: JWTPayload, header: object = {}): Promise<string> {
  if (key === undefined) throw new Error('an issuer has a key')
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey)
}
