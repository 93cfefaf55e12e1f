import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY } from '../../domain/time.ts'
import { openDevTls } from './dev-tls.ts'

let folder: string
const now = Date.now()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-dev-tls-${process.pid}-`))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function meets(host: string, tls: { cert: string; key: string }, ca: string): Promise<boolean> {
  const server = createServer(tls, (socket) => void socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  const isTrusted = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: host.includes(':') ? '' : host }, () => {
      resolve(true)
      socket.end()
    })
    socket.on('error', () => resolve(false))
  })
  await new Promise((resolve) => server.close(resolve))
  return isTrusted
}

describe('a development certificate', () => {
  it('is believed by whoever trusts the installation’s authority, and by nobody else', async () => {
    const tls = await openDevTls({ folder, now })
    const ca = await readFile(tls.authorityFile, 'utf8')
    const other = join(folder, 'other')
    const stranger = await openDevTls({ folder: other, now })
    expect(tls.isNew).toBe(true)
    expect(await meets('localhost', tls, ca)).toBe(true)
    expect(await meets('sallyport.example', tls, ca)).toBe(false)
    expect(await meets('localhost', tls, await readFile(stranger.authorityFile, 'utf8'))).toBe(false)
  })

  it('is for the names and addresses of this machine, and for the public one', async () => {
    const tls = await openDevTls({ folder, now, names: ['jit.example.org', '192.0.2.7'] })
    const certificate = new X509Certificate(tls.cert)
    expect(certificate.checkHost('localhost')).toBe('localhost')
    expect(certificate.checkHost('jit.example.org')).toBe('jit.example.org')
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.checkIP('::1')).toBe('::1')
  })

  it('passes the strictest check of OpenSSL, which Azure’s command line uses', async () => {
    const tls = await openDevTls({ folder, now })
    const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost']
    const out = execFileSync('openssl', [...args, '-CAfile', tls.authorityFile, join(folder, 'tls/server.pem')])
    expect(out.toString()).toContain('OK')
  })

  it('has keys that only their owner can read', async () => {
    await openDevTls({ folder, now })
    for (const file of ['tls/dev-ca.key', 'tls/server.key'])
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  })

  it('stays the same over restarts, and is renewed under the same authority before it ends', async () => {
    const first = await openDevTls({ folder, now })
    const again = await openDevTls({ folder, now: now + DAY })
    expect(again).toEqual({ ...first, isNew: false })
    const later = await openDevTls({ folder, now: now + 380 * DAY })
    expect(later.cert).not.toBe(first.cert)
    expect(later.isNew).toBe(false)
    const ca = new X509Certificate(await readFile(first.authorityFile, 'utf8'))
    expect(new X509Certificate(later.cert).verify(ca.publicKey)).toBe(true)
  })

  it('is made anew when its files were damaged', async () => {
    const first = await openDevTls({ folder, now })
    await writeFile(join(folder, 'tls/dev-ca.key'), 'rubbish')
    const again = await openDevTls({ folder, now })
    expect(again.isNew).toBe(true)
    expect(again.cert).not.toBe(first.cert)
  })
})
