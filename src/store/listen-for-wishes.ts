/**
 * Hears what other replicas wish for. What was wished for while nobody listened is read from the points after every connect,
 * so a broken connection delays, and loses nothing.
 */
import type { PointId } from '../app/ports/inventory.ts'
import { listen, type Listener } from './listen.ts'
import { CHANNEL, pointWished } from './wake.ts'

export interface WishEar {
  readonly url: string
  readonly replica: string
  /** Points whose wishes are not applied yet. */
  readonly missed: () => Promise<readonly PointId[]>
}

export function listenForWishes({ url, replica, missed }: WishEar, callback: (point: PointId) => void): Listener {
  return listen({
    url,
    channel: CHANNEL,
    onPayload: (payload) => {
      const point = pointWished(payload, replica)
      if (point !== undefined) callback(point)
    },
    onConnected: async () => {
      for (const point of await missed()) callback(point)
    },
  })
}
