/**
 * HTTPS for everybody and plain HTTP for whom it is allowed, on one port. The first byte tells them apart, and the
 * connection's own far end decides: no header can make a connection local. What may not speak plain HTTP is answered how
 * to go on, unread, for its headers may carry a token.
 */
import type { Server } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import type { Socket } from 'node:net'
import { ARRIVAL_TIME } from './limits.ts'
import type { Listener } from './listener.ts'
import { isLoopback } from '../auth/loopback.ts'
import { httpsRequiredAnswer } from './raw-answer.ts'

export interface Either {
  readonly plain: Server
  readonly secure: Http2SecureServer
  readonly plainFor: 'loopback' | 'anywhere'
  readonly closeSessions: () => void
}

/** A TLS record that begins a handshake (RFC 8446 §5.1); no method of HTTP begins so. */
const HANDSHAKE = 0x16
/** How long a refused client may take to read why (milliseconds). */
const LAST_WORDS = 2_000

/** The plain server is the one that listens; it gets only the connections that are its own. */
export function eitherListener({ plain, secure, plainFor, closeSessions }: Either): Listener {
  const serve = plain.listeners('connection')
  const silent = new Set<Socket>()
  plain.removeAllListeners('connection')
  plain.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
    onFirstByte(socket, (byte) => {
      silent.delete(socket)
      if (byte === HANDSHAKE) return toSecure(secure, socket)
      if (plainFor === 'loopback' && !isLoopback(socket.remoteAddress)) return turnAway(socket)
      for (const listener of serve) listener.call(plain, socket)
      socket.resume()
    })
  })
  // Its clocks for slow and idle clients begin to run when it listens, which it never does itself.
  plain.on('listening', () => secure.emit('listening'))
  secure.on('clientError', (cause, socket) => plain.emit('clientError', cause, socket))
  return {
    server: plain,
    closeSessions: () => {
      closeSessions()
      secure.close()
      for (const socket of silent) socket.destroy()
    },
  }
}

function onFirstByte(socket: Socket, found: (byte: number) => void): void {
  const giveUp = (): unknown => socket.destroy()
  socket.setTimeout(ARRIVAL_TIME, giveUp)
  socket.on('error', giveUp)
  socket.once('end', giveUp)
  socket.once('data', (chunk: Buffer) => {
    socket.pause()
    socket.unshift(chunk)
    socket.setTimeout(0, giveUp)
    socket.off('error', giveUp)
    socket.off('end', giveUp)
    found(chunk[0] ?? 0)
  })
}

/** What has been read already is taken over with the socket. */
function toSecure(secure: Http2SecureServer, socket: Socket): void {
  socket.allowHalfOpen = false
  secure.emit('connection', socket)
}

/** Reads on while it says so: closing with something unread would take the answer away from the client. */
function turnAway(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.setTimeout(LAST_WORDS, () => socket.destroy())
  socket.resume()
  socket.end(httpsRequiredAnswer(), () => setTimeout(() => socket.destroy(), LAST_WORDS).unref())
}
