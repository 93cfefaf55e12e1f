/**
 * A person signs in with a browser (RFC 8252): the issuer sends a code to a port of this machine's loopback, and PKCE
 * makes the code worthless to whoever else sees it. The address is always printed, for where no browser can be opened.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { finished } from 'node:stream/promises'
import { MINUTE, type Millis } from '../../domain/time.ts'
import type { IssuerClient } from '../contexts/context.ts'
import type { Tokens } from '../contexts/token-store.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { atIssuer, openIssuer, tokensFrom } from './oidc.ts'
import type { SigningIn } from './signing-in.ts'

const PATIENCE: Millis = 10 * MINUTE

export interface BrowserSignIn extends IssuerClient {
  /** False: print the address only. */
  readonly mayOpenBrowser: boolean
}

export async function signInByBrowser(signIn: BrowserSignIn, { io, say, signal }: SigningIn): Promise<Tokens> {
  const { oidc, config } = await openIssuer(signIn, { signal })
  const listener = await listenOnLoopback()
  try {
    const redirect_uri = listener.url
    const verifier = oidc.randomPKCECodeVerifier()
    const state = oidc.randomState()
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri,
      scope: signIn.scope,
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    await invite(address.href, signIn, { io, say, signal })
    const { address: answered, show } = await listener.answer(state, signal)
    const checks = { pkceCodeVerifier: verifier, expectedState: state }
    const grant = atIssuer(signIn.issuer, () => oidc.authorizationCodeGrant(config, answered, checks))
    const [outcome] = await Promise.allSettled([grant])
    await show(outcome.status === 'fulfilled')
    return tokensFrom(await grant, io.now())
  } finally {
    listener.close()
  }
}

async function invite(address: string, { mayOpenBrowser }: BrowserSignIn, { io, say }: SigningIn): Promise<void> {
  const isOpened = mayOpenBrowser && (await openBrowser(address, io))
  say(
    isOpened
      ? 'Sign in, in the browser that opens. If none does, open this address:'
      : 'Open this address in a browser on this machine:',
  )
  say(`  ${address}`)
  say('No browser on this machine? Ctrl-C, and the same command with --device')
}

/** The address has our own characters only: nothing of it means anything to a shell. */
function openBrowser(address: string, { outside, env }: SigningIn['io']): Promise<boolean> {
  if (outside.platform === 'darwin') return outside.launch('open', [address])
  if (outside.platform === 'win32') return outside.launch('rundll32', ['url.dll,FileProtocolHandler', address])
  const hasScreen = (env['DISPLAY'] ?? env['WAYLAND_DISPLAY'] ?? '') !== ''
  return hasScreen ? outside.launch('xdg-open', [address]) : Promise.resolve(false)
}

interface Answered {
  /** The whole address that the browser came with. */
  readonly address: URL
  /** What the person reads there, once it is known. */
  readonly show: (isSignedIn: boolean) => Promise<void>
}

interface Listener {
  /** What the browser is sent back to. */
  readonly url: string
  /** Resolves when a browser comes that has our state. */
  answer(state: string, signal: AbortSignal): Promise<Answered>
  close(): void
}

async function listenOnLoopback(): Promise<Listener> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/` // it listens on TCP
  return {
    url,
    answer: (state, signal) => answerWith(server, { url, state, signal }),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface Expected {
  readonly url: string
  readonly state: string
  readonly signal: AbortSignal
}

function answerWith(server: Server, { url, state, signal }: Expected): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const timer = setTimeout(() => reject(tooLate()), PATIENCE)
  const interrupted = (): void => reject(signal.reason)
  signal.addEventListener('abort', interrupted)
  if (signal.aborted) interrupted()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const asked = new URL(request.url ?? '/', url)
    // Another program's, or somebody's guess: whoever does not know the state is not the browser we sent.
    if (asked.pathname !== '/' || asked.searchParams.get('state') !== state) return void response.writeHead(404).end()
    resolve({ address: asked, show: (isSignedIn) => showEnd(response, isSignedIn) })
  })
  // However it ends: a timer that is left keeps the whole program from ending.
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', interrupted)
  })
}

function tooLate(): Failure {
  return new Failure(EXIT.timedOut, 'nobody signed in within 10 minutes', { remedy: 'the same command again' })
}

async function showEnd(response: ServerResponse, isSignedIn: boolean): Promise<void> {
  const text = isSignedIn
    ? 'You are signed in. You can close this page.'
    : 'You are not signed in. The terminal says why.'
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  })
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Sallyport</title><h1>${text}</h1></html>`)
  await finished(response).catch(() => {}) // the page was closed meanwhile; the terminal says it too
}
