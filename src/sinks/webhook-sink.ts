/**
 * Audit events to an HTTP receiver: batches of CloudEvents 1.0 in JSON (`application/cloudevents-batch+json`), signed. Each
 * event has an id that never changes, so that a receiver can leave out what it had before.
 */
import type { AuditSink } from '../app/ports/trail.ts'
import { auditLineFrom } from '../domain/audit/audit-line.ts'
import type { StoredAuditEvent } from '../domain/audit/audit.ts'
import { postSigned, type SignedPlace } from './signed-post.ts'

export interface WebhookPlace extends SignedPlace {
  readonly name: string
  readonly installation: string
}

export function webhookSink(place: WebhookPlace): AuditSink {
  return {
    name: place.name,
    deliver: (events, signal) => post(place, events, signal),
    close: async () => undefined,
  }
}

function post(place: WebhookPlace, events: readonly StoredAuditEvent[], signal: AbortSignal): Promise<void> {
  const { name, installation } = place
  const id = `${installation}/${name}/${events[0]?.seq ?? 0}-${events.at(-1)?.seq ?? 0}`
  return postSigned(place, { id, events: events.map((event) => cloudEventFrom(event, installation)) }, signal)
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
