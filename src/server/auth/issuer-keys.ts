/**
 * The public keys of one issuer. Kept for ten minutes, then read again beside the calls that use them, so that an issuer
 * that is down stops nobody whose key is known. A key that is not known is asked for at most once in half a minute, so
 * that forged tokens cannot be turned against the issuer. Keys that were not seen for a day count for nothing.
 */
import { createLocalJWKSet, errors, type CryptoKey, type JSONWebKeySet } from 'jose'
import type { Log } from '../../app/app.ts'
import type { Clock } from '../../app/ports/clock.ts'
import { reasonOf } from '../../domain/reason-of.ts'
import { HOUR, MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'

const FRESH: Millis = 10 * MINUTE
const COOL_DOWN: Millis = 30 * SECOND
const WORTHLESS: Millis = 24 * HOUR

/** As `jose` asks for the key of a token. */
export type FindKey = (...told: Parameters<ReturnType<typeof createLocalJWKSet>>) => Promise<CryptoKey>

/** The key is not known and the issuer cannot be asked: nobody's fault but a matter of time. */
export class IssuerDown extends Error {}

interface Deps {
  readonly issuer: string
  /** Rejects when the issuer does not answer as it should. */
  readonly fetchKeys: () => Promise<JSONWebKeySet>
  readonly clock: Clock
  readonly log: Log
}

/** When the keys were last read; why they could not be the last time that was tried. */
export interface KeyStanding {
  readonly readAt?: Instant
  readonly problem?: string
}

interface Known {
  readonly find: FindKey
  readonly at: number
}

/** Has a life: what was read, when it was last tried, and whether that failed. */
export class IssuerKeys {
  readonly #deps: Deps
  #known: Known | undefined
  #triedAt = -Infinity
  #failure: unknown
  #reading: Promise<void> | undefined

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Rejects with {@link IssuerDown}, or with jose's own error for a key that the issuer does not have. */
  readonly find: FindKey = async (header, token) => {
    const known = await this.#keyIn(header, token)
    if (known !== undefined) {
      if (this.#isStale() && this.#mayAsk()) void this.#read()
      return known
    }
    // A reading that others wait for may have begun before the key was there.
    await this.#reading
    if (this.#mayAsk()) await this.#read()
    const key = await this.#keyIn(header, token)
    if (key !== undefined) return key
    if (this.#failure === undefined && this.#usable() !== undefined) throw new errors.JWKSNoMatchingKey()
    throw new IssuerDown(`the keys of ${this.#deps.issuer} cannot be read`, { cause: this.#failure })
  }

  /** Reads the keys again where those known are old, as seldom as ever. Never rejects. */
  async standing(): Promise<KeyStanding> {
    await this.#reading
    if ((this.#known === undefined || this.#isStale()) && this.#mayAsk()) await this.#read()
    return {
      ...(this.#known !== undefined && { readAt: this.#known.at }),
      ...(this.#failure !== undefined && { problem: reasonOf(this.#failure) }),
    }
  }

  /** Undefined for a key that is not among those known; anything else that is wrong with the token stays an error. */
  async #keyIn(...told: Parameters<FindKey>): Promise<CryptoKey | undefined> {
    return this.#usable()
      ?.find(...told)
      .catch((error: unknown) => {
        if (error instanceof errors.JWKSNoMatchingKey) return undefined
        throw error
      })
  }

  #isStale(): boolean {
    return this.#known !== undefined && this.#deps.clock.now() - this.#known.at >= FRESH
  }

  #usable(): Known | undefined {
    const known = this.#known
    return known !== undefined && this.#deps.clock.now() - known.at < WORTHLESS ? known : undefined
  }

  #mayAsk(): boolean {
    return this.#deps.clock.now() - this.#triedAt >= COOL_DOWN
  }

  /** Never rejects; calls at the same time share one reading. */
  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readOnce(): Promise<void> {
    const { issuer, fetchKeys, clock, log } = this.#deps
    this.#triedAt = clock.now()
    try {
      this.#known = { find: createLocalJWKSet(await fetchKeys()), at: clock.now() }
      this.#failure = undefined
    } catch (cause) {
      this.#failure = cause
      log.warn({ issuer, cause }, 'the keys of an issuer could not be read; those known before still count')
    }
  }
}
