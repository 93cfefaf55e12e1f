/**
 * The far end of the SSH connection that the command is typed in, so that the server can refuse to cut it off. Only
 * ever causes a refusal: a wrong answer cannot open anything.
 */
import { readFileSync } from 'node:fs'
import { parseIpPrefix } from '../domain/net.ts'
import type { Io } from './io.ts'

const DEEPEST = 32

/** `203.0.113.7 51234`, or undefined for a shell that did not come by SSH. */
export function shellOrigin({ env, parentProcess }: Pick<Io, 'env' | 'parentProcess'>): string | undefined {
  return originIn(env['SSH_CONNECTION']) ?? originAbove(parentProcess)
}

function originIn(connection: string | undefined): string | undefined {
  const [address = '', port = ''] = (connection ?? '').split(' ')
  return parseIpPrefix(address).ok && !address.includes('/') && /^\d{1,5}$/.test(port)
    ? `${address} ${port}`
    : undefined
}

/** sudo does not pass SSH_CONNECTION on; the shell it was typed in still has it. Linux tells; elsewhere there is no answer. */
function originAbove(parent: number | undefined): string | undefined {
  let pid = parent
  for (let depth = 0; depth < DEEPEST && pid !== undefined && pid > 1; depth++) {
    const found = /(?:^|\0)SSH_CONNECTION=([^\0]*)/.exec(readOrNothing(`/proc/${pid}/environ`))
    const origin = originIn(found?.[1])
    if (origin !== undefined) return origin
    pid = parentOf(pid)
  }
  return undefined
}

function parentOf(pid: number): number | undefined {
  const match = /^PPid:\s*(\d+)$/m.exec(readOrNothing(`/proc/${pid}/status`))
  return match === null ? undefined : Number(match[1])
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // not Linux, another user's process, or gone meanwhile: no answer is a correct answer
  }
}
