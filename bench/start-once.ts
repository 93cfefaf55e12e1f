/** Starts a program, waits until it has ended, and says how long that took and what it said. Fails loudly when it fails. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Started {
  readonly took: number
  readonly stderr: string
}

export async function startOnce(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const began = performance.now()
  const { stderr } = await promisify(execFile)(process.execPath, args, { env: { PATH: '', ...env } })
  return { took: performance.now() - began, stderr }
}
