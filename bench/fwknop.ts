/**
 * The peer, as Debian packages it: fwknopd on the host behind iptables, its client in the operator's namespace. Keys and
 * files live on the stage and go with it.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HOST_SEEN_BY, killGroup, type Stage } from '../test/demo/stage.ts'

const PROGRAMS = ['/usr/sbin/fwknopd', '/usr/bin/fwknop', '/usr/sbin/iptables']
export const SPA_PORT = 62_201

/** What is not installed, for a sentence that says so; undefined when all is there. */
export function missingPeer(): string | undefined {
  const missing = PROGRAMS.filter((path) => !existsSync(path))
  if (missing.length === 0) return undefined
  return `${missing.join(', ')} not found; install it with: apt-get install fwknop-server fwknop-client iptables`
}

/** `defaults` sniffs packets in a loop of 100 ms; `udp-server` receives them on a socket, and is its fastest. */
export type PeerMode = 'defaults' | 'udp-server'

export interface Peer {
  /** The client's command that opens the port for this source. */
  command(source: string): string[]
  /** A packet as the client would send it, which the daemon takes within two minutes. */
  packet(source: string): string
  stop(): Promise<void>
}

/** The port is dropped by iptables and opened by fwknopd for `seconds`. */
export async function startPeer(
  stage: Stage,
  { mode, port, seconds }: { mode: PeerMode; port: number; seconds: number },
): Promise<Peer> {
  const folder = join(stage.folder, `fwknop-${mode}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const keys = makeKeys(folder)
  const [config, access, pid] = ['fwknopd.conf', 'access.conf', 'pid'].map((name) => join(folder, name))
  if (config === undefined || access === undefined || pid === undefined) throw new Error('there are three names')
  const stanza = [
    'SOURCE ANY',
    `KEY_BASE64 ${keys.key}`,
    `HMAC_KEY_BASE64 ${keys.hmac}`,
    `FW_ACCESS_TIMEOUT ${seconds}`,
  ]
  writeFileSync(access, `${stanza.join('\n')}\n`, { mode: 0o600 })
  writeFileSync(config, `PCAP_INTF ${await interfaceOf(stage)};\n`, { mode: 0o600 })
  const drop = ['INPUT', '-p', 'udp', '--dport', String(port), '-j', 'DROP']
  await stage.run('host', ['iptables', '-A', ...drop])
  const options = ['-c', config, '-a', access, '-r', folder, '-p', pid]
  const daemon = stage.spawn(
    'host',
    ['/usr/sbin/fwknopd', '-f', ...(mode === 'udp-server' ? ['-U'] : []), ...options],
    {
      stdio: 'ignore',
    },
  )
  await untilListed(stage)
  const client = (source: string): string[] => clientCommand({ ...keys, folder }, source, port)
  return {
    command: client,
    packet: (source) => packetOf(folder, client(source)),
    stop: async () => {
      const gone = new Promise((resolve) => daemon.once('exit', resolve))
      if (daemon.pid !== undefined) killGroup(daemon.pid)
      await gone
      await stage.run('host', ['iptables', '-F'])
      await stage.run('host', ['iptables', '-X'])
    },
  }
}

interface Keys {
  readonly key: string
  readonly hmac: string
}

function makeKeys(folder: string): Keys {
  const file = join(folder, 'keys')
  const options = ['--key-gen', '--use-hmac', '--key-gen-file', file, '--no-rc-file', '--no-home-dir']
  execFileSync('/usr/bin/fwknop', options, { stdio: 'ignore' })
  const text = readFileSync(file, 'utf8')
  const key = /^KEY_BASE64:?\s+(\S+)/m.exec(text)?.[1]
  const hmac = /^HMAC_KEY_BASE64:?\s+(\S+)/m.exec(text)?.[1]
  if (key === undefined || hmac === undefined) throw new Error('fwknop made no keys')
  return { key, hmac }
}

/** The host's interface towards the operator. */
async function interfaceOf(stage: Stage): Promise<string> {
  const links = await stage.run('host', ['ip', '-o', 'address', 'show', 'to', HOST_SEEN_BY.operator])
  const name = /^\d+: ([^\s@]+)/.exec(links)?.[1]
  if (name === undefined) throw new Error(`the host has no interface with ${HOST_SEEN_BY.operator}`)
  return name
}

/** Its last arguments, which name the keys, are kept on the stage and not in somebody's home. */
function clientCommand({ key, hmac, folder }: Keys & { folder: string }, source: string, port: number): string[] {
  const secrets = [
    '--key-base64-rijndael',
    key,
    '--key-base64-hmac',
    hmac,
    '--use-hmac',
    '--no-rc-file',
    '--no-home-dir',
    '-E',
    join(folder, 'arguments'),
  ]
  return ['/usr/bin/fwknop', '-A', `udp/${port}`, '-a', source, '-D', HOST_SEEN_BY.operator, ...secrets]
}

function packetOf(folder: string, [program = '', ...command]: readonly string[]): string {
  const file = join(folder, 'packet')
  execFileSync(program, [...command, '--test', '--save-packet', file], { stdio: 'ignore' })
  return readFileSync(file, 'utf8').trim()
}

/** Its chain stands once it is ready to take packets. */
async function untilListed(stage: Stage): Promise<void> {
  for (let look = 0; look < 100; look++) {
    if ((await stage.run('host', ['iptables', '-S'])).includes('-j FWKNOP_INPUT')) {
      await pause(500) // it opens its socket or its sniffer after the chain
      return
    }
    await pause(50)
  }
  throw new Error('fwknopd did not become ready within 5 s')
}
