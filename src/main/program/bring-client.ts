/** The command line, from its sources; what is built takes `bring-built-client.ts` instead. */
import type { clientLine } from './client-line.ts'

export async function bringClient(_cache: string | undefined): Promise<typeof clientLine> {
  return (await import('./client-line.ts')).clientLine
}
