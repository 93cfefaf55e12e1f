/** The few C library calls that talking to the kernel's firewall needs. Throws when loaded where there is no glibc. */
import koffi, { type KoffiFunc } from 'koffi'
import { getSystemErrorMap } from 'node:util'

const AF_NETLINK = 16
const SOCK_DGRAM = 2
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2_000_000
const NETLINK_NETFILTER = 12
/** Not netfilter's: what looks at sockets, and ends them. */
export const NETLINK_SOCK_DIAG = 4
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20
const SO_RCVBUFFORCE = 33
const F_SETFD = 2
const FD_CLOEXEC = 1
const MSG_DONTWAIT = 0x40
const CLOCK_MONOTONIC_RAW = 4
const ADDRESS_SIZE = 12

interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly bind: (fd: number, address: Buffer, size: number) => number
  readonly getsockname: (fd: number, address: Buffer, size: Buffer) => number
  readonly getsockopt: (fd: number, level: number, name: number, value: Buffer, size: Buffer) => number
  readonly setsockopt: (fd: number, level: number, name: number, value: Buffer, size: number) => number
  readonly sendto: (fd: number, data: Buffer, size: number, flags: number, to: Buffer, toSize: number) => number
  readonly recv: KoffiFunc<(fd: number, into: Buffer, size: number, flags: number) => number>
  readonly fcntl: (fd: number, command: number, value: number) => number
  readonly close: (fd: number) => number
  readonly clock_gettime: (clock: number, into: Buffer) => number
}

let loaded: Libc | undefined

function libc(): Libc {
  loaded ??= load()
  return loaded
}

function load(): Libc {
  const library = koffi.load('libc.so.6')
  return {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    bind: library.func('int bind(int fd, const uint8_t *address, uint32_t size)'),
    getsockname: library.func('int getsockname(int fd, uint8_t *address, uint8_t *size)'),
    getsockopt: library.func('int getsockopt(int fd, int level, int name, uint8_t *value, uint8_t *size)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t size)'),
    sendto: library.func(
      'int64_t sendto(int fd, const uint8_t *data, size_t size, int flags, const uint8_t *to, uint32_t toSize)',
    ),
    recv: library.func('int64_t recv(int fd, void *into, size_t size, int flags)'),
    fcntl: library.func('int fcntl(int fd, int command, int value)'),
    close: library.func('int close(int fd)'),
    clock_gettime: library.func('int clock_gettime(int clock, uint8_t *into)'),
  }
}

/** A call of the C library failed; `code` is the error's name, such as `EPERM`. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  readonly code: string
  constructor(call: string, errno: number) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error']
    super(`${call} failed: ${code}, ${text}`)
    this.code = code
  }
}

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno())
  return result
}

function netlinkAddress(groups = 0): Buffer {
  const address = Buffer.alloc(ADDRESS_SIZE)
  address.writeUInt16LE(AF_NETLINK, 0)
  address.writeUInt32LE(groups, 8)
  return address
}

const KERNEL = netlinkAddress()

/** A netlink socket in this process's network namespace, netfilter's by default, in the multicast groups of the bit mask. */
export function openNetlink(groups: number, protocol = NETLINK_NETFILTER): number {
  const fd = checked('socket', libc().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol))
  const address = netlinkAddress(groups)
  checked('bind', libc().bind(fd, address, address.length))
  return fd
}

/** A socket that only asks the kernel: it is bound to nothing, and nothing is sent by it. */
export function openSocketOf(domain: number): number {
  return checked('socket', libc().socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0))
}

export interface SocketOption {
  readonly level: number
  readonly name: number
  /** Says what is asked for, and is written over with the answer. */
  readonly value: Buffer
}

export function readOption(fd: number, { level, name, value }: SocketOption): void {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(value.length)
  checked('getsockopt', libc().getsockopt(fd, level, name, value, size))
}

export function closeDescriptor(fd: number): void {
  libc().close(fd)
}

export function closeOnExec(fd: number): void {
  checked('fcntl', libc().fcntl(fd, F_SETFD, FD_CLOEXEC))
}

/** The number by which the kernel knows a netlink socket. */
export function netlinkPortId(fd: number): number {
  const address = Buffer.alloc(ADDRESS_SIZE)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(ADDRESS_SIZE)
  checked('getsockname', libc().getsockname(fd, address, size))
  return address.readUInt32LE(4)
}

export function setReceiveTimeout(fd: number, millis: number): void {
  const time = Buffer.alloc(16)
  time.writeBigInt64LE(BigInt(Math.floor(millis / 1000)), 0)
  time.writeBigInt64LE(BigInt((millis % 1000) * 1000), 8)
  checked('setsockopt', libc().setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, time, time.length))
}

/** Beyond the system's limit: needs CAP_NET_ADMIN, which everything here does. */
export function setReceiveBuffer(fd: number, bytes: number): void {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(bytes)
  checked('setsockopt', libc().setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length))
}

export function sendToKernel(fd: number, data: Buffer): void {
  checked('sendto', libc().sendto(fd, data, data.length, 0, KERNEL, KERNEL.length))
}

/** Never waits: the kernel has answered by the time that sending returns. */
export function receiveNow(fd: number, into: Buffer): Buffer {
  return into.subarray(0, checked('recv', libc().recv(fd, into, into.length, MSG_DONTWAIT)))
}

/** Waits on a thread of its own, up to the socket's receive timeout; then rejects with `EAGAIN`. */
export async function receive(fd: number, into: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    libc().recv.async(fd, into, into.length, 0, (error: Error | null, size: number) => {
      if (error !== null) reject(error)
      else if (size < 0) reject(new SystemCallError('recv', koffi.errno()))
      else resolve(into.subarray(0, size))
    })
  })
}

/** Milliseconds since this boot, as the hardware counts them: the one clock that nobody slews (clock_gettime(2)). */
export function unslewedClock(): number {
  const time = Buffer.alloc(16)
  checked('clock_gettime', libc().clock_gettime(CLOCK_MONOTONIC_RAW, time))
  return Number(time.readBigInt64LE(0)) * 1_000 + Number(time.readBigInt64LE(8)) / 1_000_000
}
