/** `--verbose`: each call to the server on stderr, with its status and how long it took. Never a header or a body: they hold secrets. */
import type { Transport } from './client.ts'
import type { Io } from '../io.ts'
import { printable } from '../show/printable.ts'

export function tellingCalls(send: Transport, { stderr, now }: Pick<Io, 'stderr' | 'now'>): Transport {
  return async (url, init) => {
    const from = now()
    const tell = (outcome: string): void =>
      stderr.write(`${printable(`${init.method} ${url}: ${outcome}, ${now() - from} ms`)}\n`)
    try {
      const response = await send(url, init)
      tell(String(response.status))
      return response
    } catch (error) {
      tell('no answer')
      throw error
    }
  }
}
