import { expect, it } from 'vitest'
import { cleanMappings } from './release-pages.ts'

const mapping = (line: string, dirty: number): string =>
  `${line}\nRss: 20 kB\nPrivate_Dirty: ${dirty} kB\nAnonymous: ${dirty} kB\nSwap: 0 kB\nVmFlags: rd mr\n`

it('only what the program’s file holds unchanged is given back', () => {
  const smaps = [
    mapping('00400000-00746000 r--p 00000000 fe:00 24                            /usr/bin/sallyport-agent', 0),
    mapping('0074a000-03201000 r-xp 0034a000 fe:00 24                            /usr/bin/sallyport-agent', 0),
    mapping('0f8c0000-0fa80000 r--p 078c0000 fe:00 24                            /usr/bin/sallyport-agent', 12),
    mapping('0fb00000-0fc00000 rw-p 078c0000 fe:00 24                            /usr/bin/sallyport-agent', 0),
    mapping('7f83bc000000-7f83bc2ce000 rw-p 00000000 00:00 0', 100),
    mapping('7f841b644000-7f841b79a000 r-xp 00026000 fe:00 33                     /usr/lib/libc.so.6', 0),
  ].join('')
  expect(cleanMappings(smaps, '/usr/bin/sallyport-agent')).toEqual([
    { start: 0x400000n, end: 0x746000n },
    { start: 0x74a000n, end: 0x3201000n },
  ])
})
