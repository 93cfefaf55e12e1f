/**
 * Which server, with which token, trusting whom: what is nearer to the command wins. A flag before the environment, the
 * environment before the current context, that before the ready file of a server on this machine. A token is never taken
 * from the command line (other users of the machine can read it there), and never sent to another server than it is for.
 */
import { readFileSync } from 'node:fs'
import { checkedToken } from './checked-token.ts'
import { authorityAt, contextsAt, sameOrigin, type Context, type Contexts } from '../contexts/context.ts'
import type { Home } from '../contexts/config-folder.ts'
import { readContexts } from '../contexts/context-store.ts'
import { pickContext } from '../contexts/pick-context.ts'
import { decodedText } from '../decoded-text.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'
import { DEFAULT_READY_FILE, readReady, readyIfThere, type Ready } from './find-ready.ts'
import type { GlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { bearerOf } from '../sign-in/bearer.ts'
import { placeOf } from '../sign-in/token-place.ts'
import { systemReason } from '../system-reason.ts'
import { readAuthorities } from './transport.ts'

export interface ServerAccess {
  /** Without a slash at the end. */
  readonly url: string
  /** Asked for every call, because it may have been renewed meanwhile; undefined before anybody is signed in. */
  readonly bearer: (() => Promise<string>) | undefined
  /** PEM of an authority to trust besides those that the machine knows. */
  readonly ca?: string
  /** What the certificate has to be for, where that is not the host of `url`: it came from the server's own machine. */
  readonly certName?: string
  /** The context of this server, where there is one. */
  readonly context?: Context
  /** Whether the token is that context's. */
  readonly isFromContext: boolean
}

export type Sources = Pick<GlobalOptions, 'server' | 'context' | 'tokenFile' | 'readyFile' | 'caFile'>
type World = Pick<Io, 'env' | 'now' | 'outside'>

export function findServer(options: Sources, io: World): ServerAccess {
  const { env } = io
  const { platform } = io.outside
  const contexts = readContexts(placeOf(io))
  const named = namedServer(options, { env, platform }, contexts)
  const context = named.context ?? contextFor(named.url, contexts)
  const ready = named.ready ?? readyFor(named.url, options, { env, platform })
  const ca = caOf(options, { env, ready, pinned: context?.ca ?? authorityAt(named.url, contexts) })
  const token = fixedToken(options, { env, context, ready, named })
  if (token === undefined && context === undefined) throw notSignedIn(named.url)
  return {
    url: named.url,
    bearer: token === undefined && context !== undefined ? bearerOf(context, io) : () => Promise.resolve(token ?? ''),
    isFromContext: token === undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(ready?.certName === undefined ? {} : { certName: ready.certName }),
    ...(context === undefined ? {} : { context }),
  }
}

interface Named {
  readonly url: string
  /** When a context, and not an address, was named. */
  readonly context?: Context
  readonly ready?: Ready
  /** Whether this very command named the context: then the environment's token is for another. */
  readonly isChosen?: true
}

function namedServer(options: Sources, around: Home, contexts: Contexts): Named {
  if (options.server !== undefined && options.context !== undefined)
    throw usageFailure('--server and --context both name a server; give one of them')
  if (options.server !== undefined) return { url: checkedUrl(options.server) }
  if (options.context !== undefined) return { ...byContext(options.context, contexts), isChosen: true }
  if (options.readyFile !== undefined && options.readyFile !== '') return byReady(readReady(options.readyFile))
  return fromEnvironment(around.env, contexts) ?? fromHabit(options, around, contexts)
}

function fromEnvironment(env: Io['env'], contexts: Contexts): Named | undefined {
  const said = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  const [server, context, ready] = [said('SALLYPORT_SERVER'), said('SALLYPORT_CONTEXT'), said('SALLYPORT_READY_FILE')]
  if (server !== undefined) return { url: checkedUrl(server) }
  if (context !== undefined) return byContext(context, contexts)
  return ready === undefined ? undefined : byReady(readReady(ready))
}

function fromHabit({ readyFile }: Sources, { env, platform }: Home, contexts: Contexts): Named {
  if (contexts.current !== undefined) return byContext(contexts.current, contexts)
  // Named as nothing, none counts.
  const isOff = readyFile === '' || env['SALLYPORT_READY_FILE'] === ''
  const ready = isOff ? undefined : usualReady(platform)
  if (ready !== undefined) return byReady(ready)
  throw new Failure(EXIT.notSignedIn, 'no server is known', {
    remedy: `sallyport login --server URL${platform === 'win32' ? '' : `; on the server's own machine: sudo, where it was started with --ready-file ${DEFAULT_READY_FILE}`}`,
  })
}

function byContext(typed: string, contexts: Contexts): Named {
  const context = pickContext(typed, contexts)
  return { url: checkedUrl(context.server), context }
}

function byReady(ready: Ready): Named {
  return { url: checkedUrl(ready.url), ready }
}

export function checkedUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageFailure(`'${text}' is not a server; write one like https://sallyport.example:8443`)
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw usageFailure('a server URL carries no password; use --token-file')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** Where several contexts are for one server, the current one counts, else none: who means another says --context. */
function contextFor(url: string, contexts: Contexts): Context | undefined {
  const [first, ...others] = contextsAt(url, contexts)
  return first?.name === contexts.current || others.length === 0 ? first : undefined
}

function readyFor(url: string, { readyFile }: Sources, { env, platform }: Home): Ready | undefined {
  const file = readyFile ?? env['SALLYPORT_READY_FILE']
  if (file === '') return undefined
  const ready = file === undefined ? usualReady(platform) : readReady(file)
  return ready !== undefined && sameOrigin(ready.url, url) ? ready : undefined
}

/** Not on Windows, where that is a folder that everybody may make: who made it could name a server of theirs. */
function usualReady(platform: string): Ready | undefined {
  return platform === 'win32' ? undefined : readyIfThere(DEFAULT_READY_FILE)
}

interface Found {
  readonly env: Io['env']
  readonly context: Context | undefined
  readonly ready: Ready | undefined
  readonly named: Named
}

/**
 * Undefined when it is the context's own. Files are read now: a command that cannot sign in changes nothing before it
 * says so.
 */
function fixedToken({ tokenFile }: Sources, { env, context, ready, named }: Found): string | undefined {
  const { SALLYPORT_TOKEN: text = '', SALLYPORT_TOKEN_FILE: file = '' } = named.isChosen === true ? NOTHING : env
  if (tokenFile !== undefined) return readToken(tokenFile)
  if (text !== '') return checkedToken(text, 'SALLYPORT_TOKEN')
  if (file !== '') return readToken(file)
  const { adminTokenFile } = named.ready ?? (context === undefined ? ready : undefined) ?? {}
  return adminTokenFile === undefined ? undefined : readToken(adminTokenFile)
}

const NOTHING: Io['env'] = {}

function notSignedIn(url: string): Failure {
  return new Failure(EXIT.notSignedIn, 'you are not signed in: no token is known for this server', {
    remedy: `sallyport login --server ${url}, or --token-file FILE`,
  })
}

function readToken(file: string): string {
  try {
    return checkedToken(decodedText(readFileSync(file)).trim(), `the file ${file}`)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure(EXIT.notSignedIn, `the token file ${file} cannot be read (${systemReason(cause)})`, {
      remedy: 'another --token-file, or the user who may read it (sudo)',
      cause,
    })
  }
}

interface Trusted extends Pick<Found, 'env' | 'ready'> {
  /** What a context of this server trusts. */
  readonly pinned: string | undefined
}

/** Also before anybody is signed in. */
export function caOf({ caFile }: Pick<Sources, 'caFile'>, { env, ready, pinned }: Trusted): string | undefined {
  const named = caFile ?? env['SALLYPORT_CA_FILE'] ?? ''
  if (named !== '') return readAuthorities(named)
  if (pinned !== undefined) return pinned
  const file = ready?.caFile ?? ready?.certFile
  return file === undefined ? undefined : readAuthorities(file)
}
