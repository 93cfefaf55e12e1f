/**
 * Ends TCP connections of this host at once, as `ss --kill` does (linux/sock_diag.h, inet_diag.h): each end is told, and
 * nothing is left that could go on. What is behind this host has no socket here, and neither has a datagram: both are left
 * to the guard.
 */
import type { IpPrefix } from '../../../domain/net.ts'
import { PROTOCOL_NUMBERS } from '../element.ts'
import { closeDescriptor, NETLINK_SOCK_DIAG, openNetlink, receiveNow, sendToKernel } from '../kernel/libc.ts'
import { NLM_F_ACK, NLM_F_REQUEST } from '../kernel/netlink-message.ts'
import type { TrackedFlow } from './tracked-flow.ts'

const SOCK_DESTROY = 21
const HEADER_SIZE = 16
const REQUEST_SIZE = HEADER_SIZE + 56
const FAMILY_NUMBERS = { 4: 2, 6: 10 } as const
const ALL_STATES = 0xffff_ffff
const ANY_COOKIE = 0xffff_ffff

/** A socket that is not there, or a kernel that cannot (CONFIG_INET_DIAG_DESTROY), ends nothing: the guard has the last word. */
export function endSockets(flows: readonly TrackedFlow[]): void {
  const tcp = flows.filter(({ protocol }) => protocol === PROTOCOL_NUMBERS.tcp)
  if (tcp.length === 0) return
  const fd = openNetlink(0, NETLINK_SOCK_DIAG)
  const buffer = Buffer.alloc(4096)
  try {
    for (const [index, flow] of tcp.entries()) {
      sendToKernel(fd, destroyRequest(flow, index + 1))
      receiveNow(fd, buffer) // whatever it answers changes nothing
    }
  } finally {
    closeDescriptor(fd)
  }
}

/** struct inet_diag_req_v2: the connection by its four names. */
function destroyRequest({ local, localPort, peer, peerPort }: TrackedFlow, sequence: number): Buffer {
  const out = Buffer.alloc(REQUEST_SIZE)
  out.writeUInt32LE(REQUEST_SIZE, 0)
  out.writeUInt16LE(SOCK_DESTROY, 4)
  out.writeUInt16LE(NLM_F_REQUEST | NLM_F_ACK, 6)
  out.writeUInt32LE(sequence, 8)
  const body = out.subarray(HEADER_SIZE)
  body.writeUInt8(FAMILY_NUMBERS[local.family], 0)
  body.writeUInt8(PROTOCOL_NUMBERS.tcp, 1)
  body.writeUInt32LE(ALL_STATES, 4)
  body.writeUInt16BE(localPort, 8)
  body.writeUInt16BE(peerPort, 10)
  bytesOf(local).copy(body, 12)
  bytesOf(peer).copy(body, 28)
  body.writeUInt32LE(ANY_COOKIE, 48)
  body.writeUInt32LE(ANY_COOKIE, 52)
  return out
}

function bytesOf({ family, bits }: IpPrefix): Buffer {
  return Buffer.from(bits.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex')
}
