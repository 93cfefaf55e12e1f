/**
 * The published limits, counted in whatever time the double is given.
 *
 * - Resource Manager: a bucket of 250 reads that refills by 25 a second, 200 writes and 200 deletes by 10, per
 *   subscription, principal and kind
 *   (https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling).
 * - Microsoft.Network: 1,000 writes and deletes and 10,000 reads in 5 minutes, per subscription and region (same page).
 * - Resource Graph: 15 queries in 5 seconds for one caller
 *   (https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests).
 */
import { MINUTE, SECOND, type Instant, type Millis } from '../../src/domain/time.ts'
import { ArmError } from './wire.ts'

export interface Limits {
  readonly reads: { readonly size: number; readonly perSecond: number }
  readonly writes: { readonly size: number; readonly perSecond: number }
  readonly networkWrites: number
  readonly networkReads: number
  readonly networkWindow: Millis
  readonly queries: number
  readonly queryWindow: Millis
  /** Without it a 429 does not say when to come back, as some do not, and the SDK does not retry it at all. */
  readonly saysWhen: boolean
}

export const PUBLISHED: Limits = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  networkWrites: 1_000,
  networkReads: 10_000,
  networkWindow: 5 * MINUTE,
  queries: 15,
  queryWindow: 5 * SECOND,
  saysWhen: true,
}

export type Kind = 'reads' | 'writes' | 'deletes'

export interface Use {
  readonly kind: Kind
  readonly subscription: string
  readonly principal: string
  /** Of the resource, for Microsoft.Network. */
  readonly region?: string
  readonly now: Instant
}

interface Bucket {
  tokens: number
  at: Instant
}

interface Window {
  since: Instant
  used: number
}

export class Throttles {
  readonly #limits: Limits
  readonly #buckets = new Map<string, Bucket>()
  readonly #windows = new Map<string, Window>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Counts one call; returns what is left, as the header says it, or throws the refusal. */
  use({ kind, subscription, principal, region, now }: Use): Readonly<Record<string, string>> {
    const { size, perSecond } = kind === 'reads' ? this.#limits.reads : this.#limits.writes
    const bucket = this.#bucket(`${subscription}|${principal}|${kind}`, { size, perSecond, now })
    if (bucket.tokens < 1)
      throw this.#refusal(
        'SubscriptionRequestsThrottled',
        `Number of '${kind.slice(0, -1)}' requests for subscription '${subscription}' exceeded the limit.`,
        ((1 - bucket.tokens) / perSecond) * SECOND,
      )
    if (region !== undefined) this.#useNetwork({ kind, subscription, region, now })
    bucket.tokens -= 1
    return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(bucket.tokens)) }
  }

  useQuery(principal: string, now: Instant): Readonly<Record<string, string>> {
    const { queries, queryWindow } = this.#limits
    const window = this.#window(`query|${principal}`, queryWindow, now)
    const left = window.since + queryWindow - now
    const headers = (remaining: number): Record<string, string> => ({
      'x-ms-user-quota-remaining': String(remaining),
      'x-ms-user-quota-resets-after': new Date(Math.ceil(left / SECOND) * SECOND).toISOString().slice(11, 19),
    })
    if (window.used >= queries) {
      const message =
        'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed.'
      const details = [{ code: 'RateLimiting', message }]
      throw new ArmError(
        429,
        { code: 'RateLimiting', message: 'Please provide below info when asking for support.', details },
        headers(0),
      )
    }
    window.used += 1
    return headers(queries - window.used)
  }

  #useNetwork({ kind, subscription, region, now }: Omit<Use, 'principal'>): void {
    const { networkReads, networkWrites, networkWindow } = this.#limits
    const most = kind === 'reads' ? networkReads : networkWrites
    const window = this.#window(`${subscription}|${region}|${kind === 'reads' ? 'read' : 'write'}`, networkWindow, now)
    if (window.used >= most)
      throw this.#refusal(
        'TooManyRequests',
        `The server rejected the request because too many requests have been received for this subscription.`,
        window.since + networkWindow - now,
      )
    window.used += 1
  }

  #bucket(key: string, { size, perSecond, now }: { size: number; perSecond: number; now: Instant }): Bucket {
    const known = this.#buckets.get(key) ?? { tokens: size, at: now }
    known.tokens = Math.min(size, known.tokens + ((now - known.at) / SECOND) * perSecond)
    known.at = now
    this.#buckets.set(key, known)
    return known
  }

  #window(key: string, length: Millis, now: Instant): Window {
    const known = this.#windows.get(key)
    if (known !== undefined && now - known.since < length) return known
    const fresh = { since: now, used: 0 }
    this.#windows.set(key, fresh)
    return fresh
  }

  #refusal(code: string, message: string, wait: Millis): ArmError {
    const seconds = Math.max(1, Math.ceil(wait / SECOND))
    const headers: Record<string, string> = this.#limits.saysWhen ? { 'retry-after': String(seconds) } : {}
    return new ArmError(429, { code, message: `${message} Please try again after '${seconds}' seconds.` }, headers)
  }
}
