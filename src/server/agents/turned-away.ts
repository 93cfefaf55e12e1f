/**
 * Who was not let in is on record, but what somebody tries by the thousand is not kept by the thousand: beyond a few a minute
 * from one address nothing is judged any more, and an agent that keeps coming with what is not in force is told of hourly.
 */
import type { App } from '../../app/app.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { HOUR, MINUTE, type Instant, type Millis } from '../../domain/time.ts'

export interface TurnedAway {
  /** Undefined when another try may be judged. */
  tooMany(address: string): Refusal | undefined
  /** A try to enrol failed. */
  atEnrolment(address: string, why: Refusal): Promise<void>
  /** An agent came with a certificate that is not taken. */
  atTheDoor(address: string, why: Refusal): Promise<void>
}

/** From one address, and from all: also what a minute puts on record at most. */
const TRIES: Readonly<Record<'address' | 'all', number>> = { address: 10, all: 200 }
const WINDOW: Millis = MINUTE
const TELL_AGAIN_AFTER: Millis = HOUR
/** Addresses that are remembered; when there are more, all are forgotten but the sum. */
const MOST_REMEMBERED = 10_000

export function createTurnedAway({ store, clock }: Pick<App, 'store' | 'clock'>, onRefused: () => void): TurnedAway {
  let since: Instant = clock.now()
  let tries = new Map<string, number>()
  let all = 0
  let toldAtDoor = 0
  const told = new Map<string, Instant>()

  const turnWindow = (): void => {
    if (clock.now() < since + WINDOW && tries.size < MOST_REMEMBERED) return
    if (clock.now() >= since + WINDOW) all = toldAtDoor = 0
    since = clock.now()
    tries = new Map()
  }

  const isFull = (address: string): boolean => all >= TRIES.all || (tries.get(address) ?? 0) >= TRIES.address

  const record = async (address: string, { code, message }: Refusal, what: string): Promise<void> => {
    const facts: AuditFacts = { what, code, message }
    const by = { at: clock.now(), actor: 'unknown agent', address, target: 'hosts' }
    await store.transaction((tx) => tx.append([{ ...by, action: 'host.turned-away', data: JSON.stringify(facts) }]))
  }

  return {
    tooMany: (address) => {
      turnWindow()
      if (!isFull(address)) return undefined
      onRefused()
      return refusal('TooManyEnrollments', 'too many tries to enrol failed; wait a minute')
    },
    atEnrolment: async (address, why) => {
      onRefused()
      // Those that came at once were all let try before the first one failed.
      if (isFull(address)) return
      tries.set(address, (tries.get(address) ?? 0) + 1)
      all += 1
      await record(address, why, 'enroll')
    },
    atTheDoor: async (address, why) => {
      onRefused()
      const key = `${address} ${why.message}`
      const last = told.get(key)
      if (last !== undefined && clock.now() < last + TELL_AGAIN_AFTER) return
      turnWindow()
      // Whoever has a network has as many addresses as he likes.
      if (toldAtDoor >= TRIES.all) return
      toldAtDoor += 1
      if (told.size >= MOST_REMEMBERED) told.clear()
      told.set(key, clock.now())
      await record(address, why, 'connect')
    },
  }
}
