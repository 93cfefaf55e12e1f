/**
 * On which ports something waits on this host, as the kernel's own lists have it (/proc/net; proc(5)). Loopback alone is out
 * of everybody's reach. A line that is not understood is passed by: what is not known to wait is found by the next look.
 */
import { readFile } from 'node:fs/promises'
import type { Family } from '../../../domain/net.ts'

export interface Listener {
  readonly protocol: 'TCP' | 'UDP'
  readonly port: number
  /** By which it is reached; both where one socket serves both. */
  readonly families: readonly Family[]
}

const FILES = [
  { file: 'tcp', protocol: 'TCP', state: '0A', families: [4] },
  { file: 'tcp6', protocol: 'TCP', state: '0A', families: [4, 6] },
  { file: 'udp', protocol: 'UDP', state: '07', families: [4] },
  { file: 'udp6', protocol: 'UDP', state: '07', families: [4, 6] },
] as const

type Kind = (typeof FILES)[number]

export async function readListeners(folder = '/proc/self/net'): Promise<Listener[]> {
  const texts = await Promise.all(FILES.map(({ file }) => readFile(`${folder}/${file}`, 'utf8').catch(() => '')))
  return FILES.flatMap((kind, index) => parseListeners(texts[index] ?? '', kind))
}

/** `  0: 00000000:0016 00000000:0000 0A …`: the addresses in the machine's byte order, by words of four bytes. */
export function parseListeners(text: string, { protocol, state, families }: Omit<Kind, 'file'>): Listener[] {
  return text.split('\n').flatMap((line): Listener[] => {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /.exec(line)
    const [, address = '', port = '', is] = match ?? []
    if (is !== state || isLoopback(address)) return []
    const isAny = /^0+$/.test(address)
    // A socket for one IPv6 address is no IPv4 one; whether one for any takes IPv4 too is not told, so it is taken to.
    const reached: readonly Family[] = isAny || families.length === 1 ? families : familiesOf(address)
    return [{ protocol, port: Number.parseInt(port, 16), families: reached }]
  })
}

const MAPPED = /^0{16}FFFF0000/

function familiesOf(address: string): readonly Family[] {
  return MAPPED.test(address) ? [4] : [6]
}

function isLoopback(address: string): boolean {
  const v4 = address.length === 8 ? address : MAPPED.test(address) ? address.slice(24) : undefined
  return v4 === undefined ? address === '00000000000000000000000001000000' : v4.endsWith('7F')
}
