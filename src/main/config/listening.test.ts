import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { listening } from './listening.ts'

const servers: Server[] = []

afterEach(() => servers.splice(0).forEach((server) => server.close()))

function listen(address: string): Promise<Server> {
  const colon = address.lastIndexOf(':')
  const server = createServer()
  servers.push(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }, () => resolve(server))
  })
}

function tryOn(address: string): Promise<Server> {
  return listening({ option: '--listen', address }, () => listen(address))
}

describe('an address to listen on', () => {
  it('that is free is taken', async () => {
    expect((await tryOn('127.0.0.1:0')).listening).toBe(true)
  })

  it('that another program has is named with its option and how to find that program', async () => {
    const taken = await listen('127.0.0.1:0')
    const { port } = taken.address() as AddressInfo // it listens on TCP
    await expect(tryOn(`127.0.0.1:${port}`)).rejects.toThrow(
      `cannot listen on --listen 127.0.0.1:${port}: another program has that port ('ss -ltnp sport = :${port}' names it)`,
    )
  })

  it('that the machine does not have is told as that', async () => {
    await expect(tryOn('192.0.2.1:0')).rejects.toThrow(
      'cannot listen on --listen 192.0.2.1:0: this machine has no such',
    )
  })

  it('that fails in another way is told in the words of the system', async () => {
    const gone = Object.assign(new Error('listen EWHATEVER'), { code: 'EWHATEVER' })
    await expect(listening({ option: '--listen', address: 'x:1' }, () => Promise.reject(gone))).rejects.toBe(gone)
  })
})
