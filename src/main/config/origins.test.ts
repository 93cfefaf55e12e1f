import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../test/support/certificate.ts'
import { loadConfig, type Config } from './config.ts'
import { knownOrigin, originFor, originsOf } from './origins.ts'

// It names localhost and 127.0.0.1.
const { cert } = makeCertificate()

async function configured(flags: object): Promise<Config> {
  const loaded = await loadConfig({ flags, env: { SALLYPORT_CONFIG: '/dev/null' }, file: undefined })
  if (!loaded.ok) throw new Error(loaded.refusals.map(({ message }) => message).join('; '))
  return loaded.value
}

describe('people reach the server', () => {
  it.each([
    ['on loopback alone', { listen: '127.0.0.1:8470' }, ['http://127.0.0.1:8470']],
    [
      'by --public-url and nothing else',
      { listen: '0.0.0.0:8470', publicUrl: 'https://jit.example.org' },
      ['https://jit.example.org'],
    ],
    ['by the one address that it listens on', { listen: '192.0.2.7:8470' }, ['https://192.0.2.7:8470']],
    [
      'by every name on the certificate, and this machine without TLS too, when it listens on all addresses',
      { listen: '0.0.0.0:8470' },
      [
        'http://localhost:8470',
        'http://127.0.0.1:8470',
        'http://[::1]:8470',
        'https://localhost:8470',
        'https://127.0.0.1:8470',
      ],
    ],
    [
      'by HTTPS alone with a certificate of its own',
      { listen: '[::]:443', tlsCert: 'c.pem', tlsKey: 'k.pem' },
      ['https://localhost', 'https://127.0.0.1'],
    ],
    ['by no address that could be named, on a free port', { listen: '0.0.0.0:0' }, []],
  ])('%s', async (_, flags, origins) => {
    expect(
      originsOf(await configured(flags), 'listen' in flags && flags.listen.startsWith('127') ? undefined : cert),
    ).toEqual(origins)
  })
})

describe('a request is for', () => {
  const origins = ['https://jit.example.org', 'https://[2001:db8::7]:8470', 'http://localhost:8470']

  it.each([
    ['https://jit.example.org', 'https://jit.example.org'],
    ['https://JIT.example.org:443', 'https://jit.example.org'],
    ['https://[2001:DB8:0::7]:8470', 'https://[2001:db8::7]:8470'],
    ['http://localhost:8470', 'http://localhost:8470'],
    // Whatever else a caller writes is not repeated.
    ['http://jit.example.org', 'https://jit.example.org'],
    ['https://evil.example', 'https://jit.example.org'],
    ['https://jit.example.org@evil.example', 'https://jit.example.org'],
    ['https://', 'https://jit.example.org'],
  ])('%s: %s', (address, origin) => {
    expect(knownOrigin(address, origins)).toBe(origin)
  })

  it('the name in its Host, by what its connection speaks', () => {
    const asked = (host: string): IncomingMessage =>
      Object.assign(new IncomingMessage(new Socket()), { headers: { host } })
    expect(originFor(asked('localhost:8470'), origins)).toBe('http://localhost:8470')
    expect(originFor(asked('jit.example.org'), origins)).toBe('https://jit.example.org')
    expect(originFor(asked('evil.example'), origins)).toBe('https://jit.example.org')
  })
})
