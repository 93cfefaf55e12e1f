/**
 * Which server, and with which token: flag before environment before the ready file of a server on this machine.
 * A token is never taken from the command line (other users of the machine can read it there), and the ready file's
 * token is never sent to a server that another source named.
 */
import { readFileSync } from 'node:fs'
import { EXIT } from './exit-codes.ts'
import { Failure, usageFailure } from './failure.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'

export interface ServerAccess {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
}

const DEFAULT_READY_FILE = '/run/sallyport/ready.json'

interface Ready {
  readonly file: string
  readonly url: string
  readonly adminTokenFile: string | undefined
}

type Sources = Pick<GlobalOptions, 'server' | 'tokenFile' | 'readyFile'>

export function findServer(options: Sources, env: Io['env']): ServerAccess {
  const named = options.server ?? nonEmpty(env['SALLYPORT_SERVER'])
  const ready = findReady(options.readyFile ?? env['SALLYPORT_READY_FILE'])
  const url = checkedUrl(named ?? ready?.url)
  return { url, token: findToken(options, env, ready !== undefined && sameOrigin(ready.url, url) ? ready : undefined) }
}

/** Named by nobody, the usual one counts if it is there; named as nothing, none does. */
function findReady(file: string | undefined): Ready | undefined {
  if (file === '') return undefined
  return file === undefined ? readyIfThere(DEFAULT_READY_FILE) : readReady(file)
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function checkedUrl(text: string | undefined): string {
  if (text === undefined) {
    throw new Failure(EXIT.notSignedIn, 'no server is known', {
      remedy: `--server URL with --token-file FILE, or SALLYPORT_SERVER and SALLYPORT_TOKEN_FILE; on the server's own machine: sudo, which reads ${DEFAULT_READY_FILE}`,
    })
  }
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageFailure(`'${text}' is not a server; write one like https://sallyport.example:8443`)
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw usageFailure('a server URL carries no password; use --token-file')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).origin === new URL(b).origin
}

function findToken(options: Sources, env: Io['env'], ready: Ready | undefined): string {
  const inEnvironment = nonEmpty(env['SALLYPORT_TOKEN'])
  if (options.tokenFile !== undefined) return readToken(options.tokenFile)
  if (inEnvironment !== undefined) return checkedToken(inEnvironment, 'SALLYPORT_TOKEN')
  const file = nonEmpty(env['SALLYPORT_TOKEN_FILE']) ?? ready?.adminTokenFile
  if (file !== undefined) return readToken(file)
  throw new Failure(EXIT.notSignedIn, 'you are not signed in: no token is known for this server', {
    remedy: '--token-file FILE, or SALLYPORT_TOKEN_FILE',
  })
}

function readToken(file: string): string {
  try {
    return checkedToken(readFileSync(file, 'utf8').trim(), `the file ${file}`)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure(EXIT.notSignedIn, `the token file ${file} cannot be read (${reason(cause)})`, {
      remedy: 'another --token-file, or the user who may read it (sudo)',
      cause,
    })
  }
}

/** A header takes visible ASCII only; anything else is a file picked by mistake. The text itself is not repeated. */
function checkedToken(token: string, where: string): string {
  if (/^[\u0021-\u007e]+$/.test(token)) return token
  throw new Failure(EXIT.notSignedIn, `${where} holds no token: expected one line of visible characters`)
}

function readyIfThere(file: string): Ready | undefined {
  try {
    return parseReady(file, readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Failure) throw error
    return undefined // not there, or not ours to read: other sources may still name a server
  }
}

function readReady(file: string): Ready {
  try {
    return parseReady(file, readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure(EXIT.notSignedIn, `the ready file ${file} cannot be read (${reason(cause)})`, {
      remedy: 'start the server that writes it, or name another with --server',
      cause,
    })
  }
}

function parseReady(file: string, text: string): Ready {
  const parsed = parseJson(text)
  const url = textIn(parsed, 'url')
  if (url === undefined) throw usageFailure(`${file} is not a ready file: expected JSON with "url"`)
  return { file, url, adminTokenFile: textIn(parsed, 'adminTokenFile') }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function textIn(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const member: unknown = Reflect.get(value, name)
  return typeof member === 'string' && member !== '' ? member : undefined
}

function reason(cause: unknown): string {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  if (code === 'ENOENT') return 'it does not exist'
  if (code === 'EACCES') return 'permission denied'
  return typeof code === 'string' ? code : String(cause)
}
