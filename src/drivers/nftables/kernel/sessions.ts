/**
 * The TCP connections that live on this host now, from `ss`: conntrack alone would cut those that are older than the
 * table, and nobody may be shut out of the shell that protection is typed in. Read strictly: a line that is not
 * understood is an error, not a connection less.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { parseIpPrefix, type IpPrefix } from '../../../domain/net.ts'
import type { Session } from '../operation.ts'

const ARGUMENTS = ['-Htn', 'state', 'established']
const MAX_OUTPUT = 64 * 1024 * 1024
const DEADLINE = 10_000

export async function readSessions(): Promise<Session[]> {
  const { stdout } = await promisify(execFile)('ss', ARGUMENTS, { maxBuffer: MAX_OUTPUT, timeout: DEADLINE })
  return parseSessions(stdout)
}

/** Lines of `Recv-Q Send-Q Local:Port Peer:Port`. */
export function parseSessions(output: string): Session[] {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseLine)
}

function parseLine(line: string): Session {
  const [receive = '', send = '', local = '', peer = ''] = line.trim().split(/\s+/)
  const near = parseEnd(local)
  const far = parseEnd(peer)
  if (!/^\d+$/.test(receive) || !/^\d+$/.test(send) || near === undefined || far === undefined) {
    throw new Error(`expected a connection from 'ss ${ARGUMENTS.join(' ')}', got '${line}'`)
  }
  return { local: near.address, localPort: near.port, peer: far.address, peerPort: far.port }
}

/** `192.0.2.1:22`, `[2001:db8::1]:22`, `[fe80::1%eth0]:22`, `[fe80::1]%eth0:22`, `192.0.2.1%eth0:22`. */
function parseEnd(text: string): { address: IpPrefix; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)(?:%[^\]\s]+)?\]|([0-9.]+))(?:%[^:\s]+)?:(\d{1,5})$/.exec(text)
  const address = parseIpPrefix(match?.[1] ?? match?.[2] ?? '')
  const port = Number(match?.[3])
  return address.ok && port <= 65_535 ? { address: address.value, port } : undefined
}

const LOOPBACK_V4 = 127n << 24n

/** Loopback traffic is never guarded. */
export function isLoopback({ local, peer }: Session): boolean {
  return [local, peer].some(({ family, bits }) => (family === 4 ? (bits >> 24n) << 24n === LOOPBACK_V4 : bits === 1n))
}
