/**
 * Faults on order: which calls they wait for, how many they let pass, how many they spoil, and how. They stand between
 * the caller and Azure, so nothing in the routes knows of them.
 */
import type { Millis } from '../../src/domain/time.ts'
import type { DoubleRequest, ErrorDetail } from './wire.ts'

export type Harm =
  /** Answers with this and does nothing. */
  | { readonly kind: 'answer'; readonly status: number; readonly code: string; readonly retryAfter?: number }
  /** Does what was asked and loses the answer. */
  | { readonly kind: 'lose-answer' }
  /** Loses the request: nothing is done. */
  | { readonly kind: 'lose-request' }
  | { readonly kind: 'delay'; readonly by: Millis }
  /** Somebody else acts first. */
  | { readonly kind: 'first'; readonly act: () => void }
  /** Accepts the write; its operation fails at its end. */
  | ({ readonly kind: 'fail-operation' } & ErrorDetail)

export interface Fault {
  readonly method?: string
  /** Against the path, without regard to case. */
  readonly path?: RegExp
  /** Calls to let pass before; 0. */
  readonly skip?: number
  /** Calls to spoil; 1. */
  readonly times?: number
  readonly harm: Harm
}

export class Faults {
  #waiting: { readonly fault: Fault; seen: number }[] = []

  order(fault: Fault): void {
    this.#waiting.push({ fault, seen: 0 })
  }

  clear(): void {
    this.#waiting = []
  }

  /** The harms that befall this call, in the order in which they were ordered. */
  harmsTo(request: DoubleRequest): Harm[] {
    const harms: Harm[] = []
    for (const order of this.#waiting) {
      const { skip = 0, times = 1, harm } = order.fault
      if (!matches(order.fault, request)) continue
      order.seen += 1
      if (order.seen > skip && order.seen <= skip + times) harms.push(harm)
    }
    this.#waiting = this.#waiting.filter(({ fault: { skip = 0, times = 1 }, seen }) => seen < skip + times)
    return harms
  }
}

function matches({ method, path }: Fault, request: DoubleRequest): boolean {
  if (method !== undefined && method !== request.method) return false
  return path === undefined || new RegExp(path, 'i').test(new URL(request.url).pathname)
}
