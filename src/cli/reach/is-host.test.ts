import { expect, test } from 'vitest'
import { isHost } from './is-host.ts'

test('a host is an address or a name, and never an option or a line of a shell', () => {
  for (const host of ['10.0.0.4', '2001:db8::1', '::1', 'fe80::1%eth0', 'web1.example.org', 'web_1'])
    expect(isHost(host)).toBe(true)
  for (const text of ['', '-oProxyCommand=id', 'web 1', 'a;id', '$(id)', 'web1\n', 'ä'])
    expect(isHost(text)).toBe(false)
})
