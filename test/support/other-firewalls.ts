/**
 * The firewalls of others, run for real inside a namespace: their settings and their run-time files are copies of their own,
 * so that nothing of this machine is touched.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'

export interface OtherFirewall {
  /** Runs one of its commands, as an administrator of the host would. */
  run(...command: readonly string[]): string
  stop(): void
}

export type FirewallName = 'ufw' | 'firewalld' | 'iptables'

/** Says loudly what is not tested where a program is not installed. */
export function isInstalled(name: FirewallName): boolean {
  const program = { ufw: 'ufw', firewalld: 'firewall-cmd', iptables: 'iptables-restore' }[name]
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    })
    return true
  } catch {
    console.warn(
      `NOT TESTED: ${name} is not installed, so nobody knows whether it and Sallyport get along; apt-get install ${name}`,
    )
    return false
  }
}

export async function startFirewall(name: FirewallName, namespace: string): Promise<OtherFirewall> {
  const folder = mkdtempSync(join(tmpdir(), `sp-${name}-`))
  mkdirSync(join(folder, 'run'))
  const own = { ufw: ['/etc/ufw', '/etc/default'], firewalld: ['/etc/firewalld'], iptables: [] }[name]
  for (const path of own) cpSync(path, join(folder, path), { recursive: true })
  const mounts = [...own.map((path) => `mount --bind ${folder}${path} ${path}`), `mount --bind ${folder}/run /run`]
  const bus = `unix:path=${folder}/bus`
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, DBUS_SYSTEM_BUS_ADDRESS: bus }
  const inside = (...command: readonly string[]): string[] => {
    const script = `${mounts.join(' && ')} && exec "$@"`
    return ['netns', 'exec', namespace, 'unshare', '-m', 'sh', '-c', script, 'sh', ...command]
  }
  const run = (...command: readonly string[]): string =>
    execFileSync('ip', inside(...command), { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const children: ChildProcess[] = []
  if (name === 'firewalld') children.push(...(await startDaemon({ folder, bus, inside, run, env })))
  if (name === 'ufw') run('ufw', '--force', 'enable')
  return {
    run,
    stop: () => {
      for (const child of children) child.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    },
  }
}

interface Daemon {
  readonly folder: string
  readonly bus: string
  readonly inside: (...command: readonly string[]) => string[]
  readonly run: OtherFirewall['run']
  readonly env: NodeJS.ProcessEnv
}

/** With a message bus of its own: everything of it is the test's. */
async function startDaemon({ folder, bus, inside, run, env }: Daemon): Promise<ChildProcess[]> {
  const config = join(folder, 'bus.conf')
  writeFileSync(
    config,
    `<busconfig><type>system</type><listen>${bus}</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_destination="*"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/>
<allow receive_type="signal"/></policy></busconfig>`,
  )
  const start = (...command: readonly string[]): ChildProcess =>
    spawn('ip', inside(...command), { env, stdio: 'ignore' })
  const daemon = start('dbus-daemon', `--config-file=${config}`, '--nofork', '--nopidfile')
  const answers = (command: readonly string[]): boolean => {
    try {
      run(...command)
      return true
    } catch {
      return false
    }
  }
  await vi.waitUntil(() => answers(['test', '-S', join(folder, 'bus')]), { timeout: 5_000 })
  const firewalld = start('firewalld', '--nofork', '--nopid', '--log-file', join(folder, 'log'))
  await vi.waitUntil(() => answers(['firewall-cmd', '--state']), { timeout: 15_000, interval: 200 })
  return [firewalld, daemon]
}
