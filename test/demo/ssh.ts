/** A real sshd on the host and real ssh from the operator, with keys and settings of their own. */
import { execFileSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Role, Stage } from './stage.ts'

export function startSshd(stage: Stage): ChildProcess {
  const key = (name: string): string => {
    const path = join(stage.folder, name)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
    return path
  }
  const [hostKey, userKey] = [key('host-key'), key('user-key')]
  const settings = [
    'Port 22',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${userKey}.pub`,
    `PidFile ${join(stage.folder, 'sshd.pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
  ]
  const config = join(stage.folder, 'sshd_config')
  writeFileSync(config, `${settings.join('\n')}\n`)
  // Where sshd separates its privileges; Debian makes it when the service starts, and ours is not the service.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  return stage.spawn('host', ['/usr/sbin/sshd', '-D', '-e', '-f', config], { stdio: 'ignore' })
}

function sshCommand(stage: Stage, host: string, command: string): string[] {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'ConnectTimeout=2',
    'BatchMode=yes',
    'LogLevel=ERROR',
  ]
  return [
    'ssh',
    '-F',
    'none',
    '-i',
    join(stage.folder, 'user-key'),
    ...options.flatMap((option) => ['-o', option]),
    `root@${host}`,
    command,
  ]
}

export function runOverSsh(stage: Stage, role: Role, host: string, command: string): Promise<string> {
  return stage.run(role, sshCommand(stage, host, command))
}

export interface Session {
  /** Sends a line through the session and waits for its echo. */
  echoes(line: string, patience: number): Promise<boolean>
  end(): void
}

/** A session that stays open: what is written comes back. */
export function openSession(stage: Stage, role: Role, host: string): Session {
  const child = stage.spawn(role, sshCommand(stage, host, 'cat'), { stdio: ['pipe', 'pipe', 'ignore'] })
  if (child.stdin === null || child.stdout === null) throw new Error('the session has no pipes')
  const { stdin } = child
  const heard = new Set<string>()
  const lines = createInterface({ input: child.stdout }).on('line', (line) => heard.add(line))
  return {
    end: () => stdin.end(),
    echoes: (line, patience) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (heard.has(line)) finish(true)
        }
        const timer = setTimeout(() => finish(false), patience)
        const finish = (seen: boolean): void => {
          clearTimeout(timer)
          lines.off('line', check)
          resolve(seen)
        }
        lines.on('line', check)
        stdin.write(`${line}\n`)
      }),
  }
}
