import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type Server } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../test/support/certificate.ts'
import { followCertificate, type FollowedCertificate } from './follow-certificate.ts'

const FIRST = makeCertificate('first')
const SECOND = makeCertificate('second')

let folder: string
let server: Server
let following: FollowedCertificate
let told: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-renewal-'))
  await put(FIRST)
  server = createServer(FIRST, (socket) => socket.end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  told = []
  const tell = (_: object, message: string): void => void told.push(message)
  following = followCertificate({
    certFile: join(folder, 'cert.pem'),
    keyFile: join(folder, 'key.pem'),
    inUse: FIRST,
    take: (fresh) => server.setSecureContext(fresh),
    log: { error: tell, warn: tell, info: tell },
  })
})

afterEach(async () => {
  following.stop()
  server.close()
  await rm(folder, { recursive: true })
})

async function put({ cert, key }: { readonly cert: string; readonly key: string }): Promise<void> {
  await writeFile(join(folder, 'cert.pem'), cert)
  await writeFile(join(folder, 'key.pem'), key)
}

function shown(): Promise<string | undefined> {
  const { port } = server.address() as AddressInfo // it listens on TCP
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    }).once('error', reject)
  })
}

describe('a certificate that is renewed while the server runs', () => {
  it('is shown to whoever connects next, without a restart', async () => {
    await following.look()
    expect([await shown(), told]).toEqual(['first', []])
    await put(SECOND)
    await following.look()
    expect([await shown(), told]).toEqual(['second', [expect.stringContaining('was renewed')]])
  })

  it('is not taken while it has the key of another; that is told once, and the one of before goes on', async () => {
    await put({ cert: SECOND.cert, key: FIRST.key })
    await following.look()
    await following.look()
    expect([await shown(), told]).toEqual(['first', [expect.stringContaining('cannot be used')]])
    await put(SECOND)
    await following.look()
    expect(await shown()).toBe('second')
  })

  it('that is gone leaves the one of before', async () => {
    await rm(join(folder, 'cert.pem'))
    await following.look()
    expect([await shown(), told]).toEqual(['first', [expect.stringContaining('cannot be used')]])
  })
})
