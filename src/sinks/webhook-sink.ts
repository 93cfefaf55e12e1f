/**
 * Audit events to an HTTP receiver: batches of CloudEvents 1.0 in JSON (`application/cloudevents-batch+json`), signed as
 * Standard Webhooks say (webhook-id, webhook-timestamp, webhook-signature: HMAC-SHA256 over `id.timestamp.body`). Each
 * event has an id that never changes, so that a receiver can leave out what it had before.
 */
import { createHmac } from 'node:crypto'
import type { AuditSink } from '../app/ports.ts'
import { auditLineFrom } from '../domain/audit-line.ts'
import type { StoredAuditEvent } from '../domain/audit.ts'

export interface WebhookPlace {
  readonly name: string
  readonly url: string
  readonly secret: string
  readonly installation: string
  /** Milliseconds since the epoch: the receiver's guard against replay. */
  readonly now: () => number
}

export function webhookSink(place: WebhookPlace): AuditSink {
  return {
    name: place.name,
    deliver: (events, signal) => post(place, events, signal),
    close: async () => undefined,
  }
}

async function post(place: WebhookPlace, events: readonly StoredAuditEvent[], signal: AbortSignal): Promise<void> {
  const { url, name, installation } = place
  const body = JSON.stringify(events.map((event) => cloudEventFrom(event, installation)))
  const id = `${installation}/${name}/${events[0]?.seq ?? 0}-${events.at(-1)?.seq ?? 0}`
  const timestamp = String(Math.floor(place.now() / 1_000))
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error', // a redirect would tell somebody else
    signal,
    headers: {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${webhookSignature(place.secret, `${id}.${timestamp}.${body}`)}`,
    },
    body,
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${url} answered ${response.status}; expected 2xx`)
}

function webhookSignature(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64')
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
function cloudEventFrom(event: StoredAuditEvent, installation: string): object {
  const line = auditLineFrom(event)
  return {
    specversion: '1.0',
    id: `${installation}/${line.seq}`,
    source: `/subscriptions/${installation}/sallyport`,
    type: `sallyport.audit.${line.action}`,
    subject: line.target,
    time: line.at,
    datacontenttype: 'application/json',
    data: line,
  }
}
