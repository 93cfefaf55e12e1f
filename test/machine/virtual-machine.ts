/**
 * One real machine: its own kernel, boot and clocks, on a disk of its own. It is spoken to over a network that nobody
 * else is on, and pushed about from outside as hardware is: reset, unplugged, paused, cut off from its power.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { hasKvm } from './ground.ts'
import { GUEST, SIDE_DOOR, type Image } from './image.ts'

export interface VirtualMachine {
  /** Runs it as root and gives its output; throws with what it said when it fails. */
  run(command: string): Promise<string>
  /** Starts it and does not wait: it ends the connection. */
  send(command: string): void
  bring(file: string, to: string): Promise<void>
  /** Of the Machine Protocol of QEMU. */
  press(command: string, options?: object): Promise<void>
  powerOn(): Promise<void>
  /** The plug is pulled. */
  cutPower(): Promise<void>
  /** Resolves once another boot than this one can be spoken to. */
  booted(before?: string): Promise<string>
  console(): string
}

export interface VirtualMachineOptions {
  readonly namespace: string
  readonly folder: string
  readonly tap: string
  readonly image: Image
}

const BOOT_PATIENCE = 300_000
const COMMAND_PATIENCE = 120_000

export function createVirtualMachine({ namespace, folder, tap, image }: VirtualMachineOptions): VirtualMachine {
  const disk = join(folder, 'disk')
  const monitor = join(folder, 'monitor')
  const log = join(folder, 'console')
  execFileSync('cp', ['--reflink=auto', '--sparse=always', image.disk, disk])
  let running: ChildProcess | undefined
  const shell = ['-i', image.key, '-p', String(SIDE_DOOR.port), ...SSH_OPTIONS, 'root@127.0.0.1']
  const run = (command: string): Promise<string> => inside(namespace, ['ssh', ...shell, command], COMMAND_PATIENCE)
  const bootId = (): Promise<string> =>
    inside(namespace, ['ssh', ...shell, 'cat /proc/sys/kernel/random/boot_id'], 20_000).then((text) => text.trim())
  return {
    run,
    send: (command) => void run(command).catch(() => undefined), // it takes the connection with it
    bring: async (file, to) => {
      const there = ['-O', '-q', '-i', image.key, '-P', String(SIDE_DOOR.port), ...SSH_OPTIONS]
      await inside(namespace, ['scp', ...there, file, `root@127.0.0.1:${to}`], COMMAND_PATIENCE)
    },
    press: (command, options) => pressed(monitor, command, options),
    powerOn: async () => {
      rmSync(monitor, { force: true })
      const args = hardware({ disk, monitor, log, tap, image })
      running = spawn('ip', ['netns', 'exec', namespace, 'nice', '-n', '-15', 'qemu-system-x86_64', ...args], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      await once(running, 'spawn')
    },
    cutPower: async () => {
      if (running === undefined || hasEnded(running)) return
      const ended = once(running, 'exit')
      running.kill('SIGKILL')
      await ended
    },
    booted: async (before = '') => {
      const deadline = Date.now() + BOOT_PATIENCE
      for (;;) {
        const now: string = await bootId().catch(() => before)
        if (now !== before) return now
        if (Date.now() > deadline || hasEnded(running)) throw new Error(`the machine did not boot:\n${tailOf(log)}`)
        await pause(200)
      }
    },
    console: () => tailOf(log),
  }
}

const SSH_OPTIONS = [
  ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
  ['-o', 'ConnectTimeout=60', '-o', 'BatchMode=yes', '-o', 'ServerAliveInterval=60'],
].flat()

function hasEnded(child: ChildProcess | undefined): boolean {
  return child === undefined || child.exitCode !== null || child.signalCode !== null
}

interface Hardware {
  readonly disk: string
  readonly monitor: string
  readonly log: string
  readonly tap: string
  readonly image: Image
}

function hardware({ disk, monitor, log, tap, image }: Hardware): string[] {
  return [
    hasKvm() ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,tb-size=256', '-cpu', 'max'],
    ['-machine', 'pc', '-smp', '1', '-m', '1024', '-nodefaults', '-no-user-config'],
    ['-display', 'none', '-serial', `file:${log}`, '-qmp', `unix:${monitor},server=on,wait=off`],
    // It can be put to sleep.
    ['-global', 'PIIX4_PM.disable_s3=0', '-rtc', 'base=utc,clock=host', '-device', 'virtio-rng-pci'],
    ['-kernel', image.kernel, '-initrd', image.initrd],
    ['-append', 'root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off'],
    ['-drive', `file=${disk},format=raw,if=virtio`],
    ['-netdev', `tap,id=probed,ifname=${tap},script=no,downscript=no`],
    ['-device', `virtio-net-pci,id=cable,netdev=probed,mac=${GUEST.mac}`],
    ['-netdev', `user,id=side,hostfwd=tcp:127.0.0.1:${SIDE_DOOR.port}-:${SIDE_DOOR.port}`],
    ['-device', `virtio-net-pci,netdev=side,mac=${SIDE_DOOR.mac}`],
  ].flat()
}

/** https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html: a greeting, then a line for each command. */
async function pressed(monitor: string, command: string, options: object = {}): Promise<void> {
  const socket = connect(monitor)
  try {
    const lines = createInterface({ input: socket })
    const answers = lines[Symbol.asyncIterator]()
    const answer = async (): Promise<object> => {
      for (;;) {
        const line = await answers.next()
        if (line.done === true) throw new Error(`the monitor went away during ${command}`)
        const said = JSON.parse(line.value) as object // one JSON object a line
        if (!('event' in said)) return said
      }
    }
    await answer()
    for (const execute of ['qmp_capabilities', command]) {
      const sent = execute === command ? { execute, arguments: options } : { execute }
      socket.write(`${JSON.stringify(sent)}\n`)
      const said = await answer()
      if ('error' in said) throw new Error(`${command}: ${JSON.stringify(said.error)}`)
    }
  } finally {
    socket.destroy()
  }
}

/** Runs it in the namespace; rejects with what it said when it fails. */
export function inside(namespace: string, command: readonly string[], patience: number): Promise<string> {
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patience,
  })
  let said = ''
  let errors = ''
  child.stdout.on('data', (part: Buffer) => (said += part.toString()))
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(said)
      else reject(new Error(`${command.at(-1) ?? ''} ended with ${code ?? 'a signal'}: ${(errors || said).trim()}`))
    })
  })
}

function tailOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-3_000)
  } catch {
    return '(it has said nothing)'
  }
}
