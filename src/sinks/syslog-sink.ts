/**
 * Audit events to a syslog receiver. Syslog acknowledges nothing. Over TCP each batch has a connection of its own, and
 * counts as delivered only when the receiver has read it to the end and closed its side; over UDP it counts when it was
 * sent, and what the network drops is lost: use TCP where nothing may be.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, isIPv6 } from 'node:net'
import type { AuditSink } from '../app/ports/trail.ts'
import { syslogMessage, type SyslogOrigin } from './syslog-message.ts'

export interface SyslogPlace extends SyslogOrigin {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
}

export function syslogSink(place: SyslogPlace): AuditSink {
  const send = place.transport === 'tcp' ? sendByTcp : sendByUdp
  return {
    name: place.name,
    deliver: (events, signal) =>
      send(
        place,
        events.map((event) => Buffer.from(syslogMessage(event, place))),
        signal,
      ),
    close: async () => undefined,
  }
}

/** RFC 6587 §3.4.1: octet counting. */
async function sendByTcp({ host, port }: SyslogPlace, messages: readonly Buffer[], signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port })
  const abort = (): void => void socket.destroy(new Error(`the syslog receiver ${host}:${port} took too long`))
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (signal.aborted) abort()
    socket.resume() // a receiver says nothing, but its end must be read to be seen
    socket.end(Buffer.concat(messages.flatMap((message) => [Buffer.from(`${message.length} `), message])))
    await once(socket, 'end')
    await once(socket, 'close')
  } finally {
    signal.removeEventListener('abort', abort)
    socket.destroy()
  }
}

/** Longer datagrams do not go through; RFC 5426 §3.2 lets a sender cut. */
const LONGEST_DATAGRAM = 65_000

async function sendByUdp({ host, port }: SyslogPlace, messages: readonly Buffer[], signal: AbortSignal): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    for (const message of messages) {
      signal.throwIfAborted()
      const datagram = message.subarray(0, LONGEST_DATAGRAM)
      await new Promise<void>((resolve, reject) =>
        socket.send(datagram, port, host, (cause) => (cause === null ? resolve() : reject(cause))),
      )
    }
  } finally {
    socket.close()
  }
}
