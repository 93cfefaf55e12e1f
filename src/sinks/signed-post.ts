/**
 * A POST to an HTTP receiver, signed as Standard Webhooks say (webhook-id, webhook-timestamp, webhook-signature: HMAC-SHA256
 * over `id.timestamp.body`). Resolves when the receiver has taken it; never follows it elsewhere.
 */
import { createHmac } from 'node:crypto'

export interface SignedPlace {
  readonly url: string
  readonly secret: string
  /** Milliseconds since the epoch: the receiver's guard against replay. */
  readonly now: () => number
}

/** A batch of CloudEvents 1.0. */
export async function postSigned(
  { url, secret, now }: SignedPlace,
  { id, events }: { readonly id: string; readonly events: readonly object[] },
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(events)
  const timestamp = String(Math.floor(now() / 1_000))
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error', // a redirect would tell somebody else
    signal,
    headers: {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signatureOf(secret, `${id}.${timestamp}.${body}`)}`,
    },
    body,
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${new URL(url).origin} answered ${response.status}; expected 2xx`)
}

function signatureOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64')
}
