/**
 * Takes up a certificate that was renewed while the server runs: whoever renews it writes the files anew and need tell nobody.
 * Files that cannot be used (half written, a key of another certificate) are told of, and the certificate of before goes on.
 */
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Log } from '../../app/app.ts'
import { MINUTE } from '../../domain/time.ts'

/** PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

interface Following {
  readonly certFile: string
  readonly keyFile: string
  /** As the server began with it. */
  readonly inUse: Certificate
  /** Whoever connects from now on sees this one. */
  readonly take: (fresh: Certificate) => void
  readonly log: Log
}

export interface FollowedCertificate {
  /** What the clock does each minute. Never rejects. */
  look(): Promise<void>
  stop(): void
}

/** Read, not watched: certbot and Kubernetes change where a link leads, which no watch of the file tells. */
export function followCertificate({ certFile, keyFile, inUse, take, log }: Following): FollowedCertificate {
  let seen = textOf(inUse)
  const look = async (): Promise<void> => {
    try {
      const fresh = { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
      if (textOf(fresh) === seen) return
      seen = textOf(fresh)
      createSecureContext(fresh)
      take(fresh)
      log.info({ file: certFile }, 'the certificate was renewed: who connects from now on sees the new one')
    } catch (cause) {
      const remedy = 'put a certificate and its own key there, PEM; they are read again every minute'
      log.warn({ cause, certFile, keyFile, remedy }, 'the new certificate cannot be used; the one of before goes on')
    }
  }
  const looking = setInterval(() => void look(), MINUTE)
  looking.unref()
  return { look, stop: () => clearInterval(looking) }
}

function textOf({ cert, key }: Certificate): string {
  return `${cert}\n${key}`
}
