/** The ready file: where a server on this machine says how to reach it, and with which token. */
import { readFileSync } from 'node:fs'
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'
import { systemReason } from '../system-reason.ts'

export const DEFAULT_READY_FILE = '/run/sallyport/ready.json'

export interface Ready {
  readonly url: string
  readonly adminTokenFile: string | undefined
  /** The authority that signed the server's certificate. */
  readonly caFile: string | undefined
  /** The certificate that the server was given, and a name that it is for: seldom the address in `url`. */
  readonly certFile: string | undefined
  readonly certName: string | undefined
}

/** Undefined when it is not there, or not ours to read: other sources may still name a server. */
export function readyIfThere(file: string): Ready | undefined {
  try {
    return parseReady(file, readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Failure) throw error
    return undefined
  }
}

/** One that somebody named must be there. */
export function readReady(file: string): Ready {
  try {
    return parseReady(file, readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure(EXIT.notSignedIn, `the ready file ${file} cannot be read (${systemReason(cause)})`, {
      remedy: 'start the server that writes it, or name another with --server',
      cause,
    })
  }
}

function parseReady(file: string, text: string): Ready {
  const parsed = parseJson(text)
  const url = textIn(parsed, 'url')
  if (url === undefined) throw usageFailure(`${file} is not a ready file: expected JSON with "url"`)
  return {
    url,
    adminTokenFile: textIn(parsed, 'adminTokenFile'),
    caFile: textIn(parsed, 'caFile'),
    certFile: textIn(parsed, 'certFile'),
    certName: textIn(parsed, 'certName'),
  }
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
