/** A secret from a file or from standard input; never from the command line itself, which everybody on the machine can read. */
import { usageFailure } from './failure.ts'
import type { Io } from './io.ts'
import { readText } from './calls/transport.ts'

/** `-` is standard input. */
export async function readSecret(io: Io, from: string): Promise<string> {
  const text = (from === '-' ? await io.stdin.readAll() : readText(from)).trim()
  if (text !== '') return text
  throw usageFailure(`${from === '-' ? 'standard input' : from} holds no secret`)
}
