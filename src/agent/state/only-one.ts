/**
 * Sees to it that one agent runs for a state folder: two would report under one identity, which the server takes for a
 * cloned key. The name is the kernel's to give back when the process ends, however it ends (unix(7), abstract sockets);
 * nothing is ever said over it.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { resolve } from 'node:path'

/** Returns how to give it back; rejects while another process has it. */
export async function beTheOnlyOne(folder: string): Promise<() => void> {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((ready, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? taken(folder) : error))
    server.listen(`\0sallyport-agent-${name}`, ready)
  })
  server.unref()
  return () => server.close()
}

function taken(folder: string): Error {
  return new Error(`an agent is running for ${folder}; stop it first: systemctl stop sallyport-agent`)
}
