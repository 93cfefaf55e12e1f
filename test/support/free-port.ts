import { createServer, type AddressInfo } from 'node:net'

/** A TCP port of loopback that nothing listens on now; whoever must know its port before it starts takes it at once. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as it listens on TCP
  await new Promise((resolve) => server.close(resolve))
  return port
}
