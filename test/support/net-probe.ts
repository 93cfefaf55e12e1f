/** Runs inside a namespace: listens, connects, and sends numbered datagrams, and tells what came through and when. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, createServer, type Socket, type TcpNetConnectOpts } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { serveRemote } from './remote.ts'

export interface Datagram {
  readonly port: number
  readonly sequence: number
  /** By the wall clock, as the ends of holes are: not sent before this, or received at it. */
  readonly at: number
  /** Surely sent, or received, by this: a process may wait for its turn in between. */
  readonly by: number
}

export interface Window {
  readonly port: number
  /** Datagrams are sent from this instant to that. */
  readonly from: number
  readonly to: number
  /** `dense`: four in a millisecond, which takes a processor of its own. `calm`: one in a millisecond or two. */
  readonly pace?: 'dense' | 'calm'
}

export interface NetProbe {
  listenTcp(ports: readonly number[]): Promise<void>
  /** Whom the listeners saw connecting, and on which port. */
  callers(): readonly { readonly address: string; readonly port: number }[]
  /** From now on tries to connect to every target, over and over; each connection that succeeds is one too many. */
  attack(targets: readonly { readonly address: string; readonly port: number }[]): void
  attacked(): { readonly probes: number; readonly through: readonly string[] }
  /** Speaks first, and goes on speaking to whoever is connected. */
  listenChatty(port: number): Promise<void>
  /** Answers every datagram. */
  echoUdp(port: number): Promise<void>
  /** Whether a datagram is answered; always from the same port, as by one program. */
  askUdp(address: string, port: number, wait?: number): Promise<boolean>
  /** Counts; never answers, so that conntrack never calls a flow established. */
  listenUdp(ports: readonly number[]): Promise<void>
  received(): readonly Datagram[]
  /** `closed` when nothing answers in time. */
  connect(address: string, port: number, wait?: number): Promise<'open' | 'closed' | 'refused'>
  send(address: string, windows: readonly Window[]): Promise<readonly Datagram[]>
  /** A connection that stays: dialled once, spoken over later. */
  dial(address: string, port: number): Promise<void>
  /** Whether what is said over the dialled connection comes back. */
  speak(wait?: number): Promise<boolean>
  /** Whether anything comes over the dialled connection by itself. */
  hear(wait?: number): Promise<boolean>
  /** Breaks off what was dialled, and dials anew from the port that it came from. */
  dialAnew(wait?: number): Promise<'open' | 'closed' | 'refused'>
  hangUp(): void
}

const WAIT = 400
const CHATTER = 50
const received: Datagram[] = []
const callers: { address: string; port: number }[] = []
const attacked = { probes: 0, through: [] as string[] }
let dialled: Socket | undefined
let asking: UdpSocket | undefined

serveRemote<NetProbe>({
  listenTcp: async (ports) => {
    for (const port of ports) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        callers.push({ address: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''), port })
        socket.pipe(socket)
      })
      await new Promise<void>((resolve) => server.listen({ port, host: '::', ipv6Only: false }, resolve))
    }
  },
  listenChatty: async (port) => {
    const server = createServer((socket) => {
      const timer = setInterval(() => socket.write('still here'), CHATTER)
      socket.on('error', () => undefined)
      socket.once('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => server.listen({ port, host: '::', ipv6Only: false }, resolve))
  },
  echoUdp: async (port) => {
    const socket = createSocket('udp4')
    socket.on('message', (data, { port: from, address }) => socket.send(data, from, address))
    await new Promise<void>((resolve) => socket.bind(port, '0.0.0.0', resolve))
  },
  askUdp: async (address, port, wait = WAIT) => {
    asking ??= await boundUdp()
    const socket = asking
    return new Promise((resolve) => {
      const timer = globalThis.setTimeout(() => end(false), wait)
      const end = (isAnswered: boolean): void => {
        clearTimeout(timer)
        socket.removeAllListeners('message')
        resolve(isAnswered)
      }
      socket.once('message', () => end(true))
      socket.send('hello', port, address)
    })
  },
  listenUdp: async (ports) => {
    for (const port of ports) {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 })
      socket.on('message', (data) => received.push(arrival(port, data)))
      await new Promise<void>((resolve) => socket.bind(port, '0.0.0.0', resolve))
    }
  },
  received: () => received,
  callers: () => callers,
  attack: (targets) => {
    for (const target of targets) void attackAlways(target)
  },
  attacked: () => attacked,
  connect: (address, port, wait = WAIT) => tried({ host: address, port, timeout: wait }),
  send: async (address, windows) => {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, resolve))
    const sent: Datagram[] = []
    for (const window of windows) await sendWithin({ socket, address, window, sent })
    await new Promise<void>((resolve) => socket.close(resolve))
    return sent
  },
  dial: async (address, port) => {
    const socket = connect({ host: address, port })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    socket.on('error', () => undefined)
    dialled = socket
  },
  speak: (wait = WAIT) =>
    new Promise((resolve) => {
      const socket = dialled
      if (socket === undefined) throw new Error('dial first')
      const timer = globalThis.setTimeout(() => resolve(false), wait)
      socket.once('data', () => {
        clearTimeout(timer)
        resolve(true)
      })
      socket.write('hello')
    }),
  hear: (wait = WAIT) =>
    new Promise((resolve) => {
      const socket = dialled
      if (socket === undefined) throw new Error('dial first')
      const timer = globalThis.setTimeout(() => resolve(false), wait)
      socket.once('data', () => {
        clearTimeout(timer)
        resolve(true)
      })
    }),
  dialAnew: async (wait = WAIT) => {
    const { remoteAddress: host, remotePort: port, localPort } = dialled ?? {}
    if (host === undefined || port === undefined || localPort === undefined) throw new Error('dial first')
    dialled?.resetAndDestroy()
    return tried({ host, port, localPort, timeout: wait })
  },
  hangUp: () => {
    dialled?.destroy()
  },
})

function tried(to: TcpNetConnectOpts): Promise<'open' | 'closed' | 'refused'> {
  return new Promise((resolve) => {
    const socket = connect(to)
    const end = (result: 'open' | 'closed' | 'refused'): void => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end('open'))
    socket.once('timeout', () => end('closed'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'closed'))
  })
}

/** What a dropped SYN waits for before the next try: an attacker does not wait for answers. */
const IMPATIENCE = 15

async function attackAlways({ address, port }: { readonly address: string; readonly port: number }): Promise<never> {
  for (;;) {
    const socket = connect({ host: address, port })
    socket.on('error', () => undefined)
    socket.once('connect', () => attacked.through.push(`${address}:${port}`))
    attacked.probes += 1
    await setTimeout(IMPATIENCE)
    socket.destroy()
  }
}

async function boundUdp(): Promise<UdpSocket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, resolve))
  return socket
}

interface Sending {
  readonly socket: UdpSocket
  readonly address: string
  readonly window: Window
  readonly sent: Datagram[]
}

async function sendWithin({
  socket,
  address,
  window: { port, from, to, pace = 'dense' },
  sent,
}: Sending): Promise<void> {
  const ahead = from - Date.now() - 5
  if (ahead > 0) await setTimeout(ahead)
  while (Date.now() < from) await setImmediate()
  for (let at = Date.now(); at < to; at = Date.now()) {
    const data = Buffer.alloc(4)
    data.writeUInt32BE(sent.length)
    const sequence = sent.length
    await new Promise<void>((resolve, reject) => {
      socket.send(data, port, address, (error) => (error === null ? resolve() : reject(error)))
    })
    sent.push({ port, sequence, at, by: Date.now() })
    await (pace === 'calm' ? setTimeout(1) : spin(0.25))
  }
}

function arrival(port: number, data: Buffer): Datagram {
  const at = Date.now()
  return { port, sequence: data.readUInt32BE(0), at, by: at }
}

/** A timer is never shorter than a millisecond. */
async function spin(millis: number): Promise<void> {
  const end = performance.now() + millis
  while (performance.now() < end) await setImmediate()
}
