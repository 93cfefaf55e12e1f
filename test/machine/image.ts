/**
 * The disk of a Debian 12 with its own kernel, systemd and OpenSSH, made once by debootstrap and kept in a folder that
 * git ignores; made anew when what is in it changes. Nothing of Sallyport is in it.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Image {
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
  /** Root's way in, for the test itself. */
  readonly key: string
}

/** On the network that is probed, and with port 22 open to everybody. */
export const GUEST = { address: '10.91.0.2', mac: '52:54:00:5a:11:01' } as const
/** The test's own way in, over a second network that nobody else is on. */
export const SIDE_DOOR = { port: 2200, mac: '52:54:00:5a:11:02' } as const

/** To be counted up when what is done with them changes. */
const EDITION = 1
const FOLDER = join(import.meta.dirname, '../../.machine')
const PACKAGES = [
  ['linux-image-amd64', 'systemd', 'systemd-sysv', 'dbus', 'udev', 'init-system-helpers', 'procps', 'util-linux-extra'],
  ['nftables', 'libnftables1', 'iproute2', 'iptables', 'ufw', 'openssh-server', 'curl', 'ca-certificates', 'chrony'],
].flat()

const FILES: Readonly<Record<string, string>> = {
  '/etc/hostname': 'web1\n',
  '/etc/hosts': '127.0.0.1 localhost web1\n',
  '/etc/fstab': '/dev/vda / ext4 defaults 0 1\n',
  '/etc/systemd/network/10-probed.network': `[Match]\nMACAddress=${GUEST.mac}\n[Network]\nAddress=${GUEST.address}/24\n`,
  '/etc/systemd/network/20-side.network': `[Match]\nMACAddress=${SIDE_DOOR.mac}\n[Network]\nDHCP=ipv4\n`,
  // Who only knocks is sent away by the process that listens: a process for each would be all that the machine does.
  '/etc/ssh/sshd_config.d/test.conf': 'MaxStartups 1:100:1\nLogLevel QUIET\nUseDNS no\n',
  '/etc/systemd/system/side-door.service': `[Unit]
After=network.target
[Service]
RuntimeDirectory=side-door
ExecStart=/usr/sbin/sshd -D -f /dev/null -p ${SIDE_DOOR.port} -o PermitRootLogin=prohibit-password -o UseDNS=no -o PidFile=none
[Install]
WantedBy=multi-user.target
`,
}

export function theImage(say: (text: string) => void): Image {
  const recipe = createHash('sha256')
    .update(JSON.stringify([EDITION, PACKAGES, FILES]))
    .digest('hex')
    .slice(0, 12)
  const folder = join(FOLDER, recipe)
  if (!existsSync(folder)) {
    say('Making the disk of a Debian 12, once: about two minutes, and 1.5 GB in .machine.')
    makeInto(folder)
  }
  const at = (name: string): string => join(folder, name)
  return { disk: at('disk'), kernel: at('kernel'), initrd: at('initrd'), key: at('key') }
}

/** Appears by rename, so that nobody ever starts half a disk. */
function makeInto(folder: string): void {
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  try {
    const root = join(draft, 'root')
    run('debootstrap', '--variant=minbase', `--include=${PACKAGES.join(',')}`, 'bookworm', root)
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(draft, 'key'))
    furnish(root, readFileSync(join(draft, 'key.pub'), 'utf8'))
    for (const [name, prefix] of [
      ['kernel', 'vmlinuz-'],
      ['initrd', 'initrd.img-'],
    ] as const)
      run('cp', join(root, 'boot', only(readdirSync(join(root, 'boot')), prefix)), join(draft, name))
    run('mkfs.ext4', '-q', '-F', '-d', root, join(draft, 'disk'), '3G')
    rmSync(root, { recursive: true })
    for (const old of readdirSync(FOLDER))
      if (/^[0-9a-f]{12}$/.test(old)) rmSync(join(FOLDER, old), { recursive: true })
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function furnish(root: string, publicKey: string): void {
  for (const [path, text] of Object.entries({ ...FILES, '/root/.ssh/authorized_keys': publicKey })) {
    mkdirSync(dirname(root + path), { recursive: true })
    writeFileSync(root + path, text)
  }
  chmodSync(`${root}/root/.ssh`, 0o700)
  // ifupdown is not there: networkd brings both networks up, after network-pre.target as all of them do.
  run('systemctl', '--quiet', `--root=${root}`, 'enable', 'systemd-networkd', 'ssh', 'side-door')
  run(
    'systemctl',
    '--quiet',
    `--root=${root}`,
    'disable',
    'chrony',
    'ufw',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
  )
}

function only(names: readonly string[], prefix: string): string {
  const [name, ...more] = names.filter((one) => one.startsWith(prefix))
  if (name === undefined || more.length > 0)
    throw new Error(`expected one ${prefix}… in /boot, found: ${names.join(' ')}`)
  return name
}

function run(command: string, ...args: readonly string[]): void {
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  execFileSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH },
    maxBuffer: 2 ** 26,
  })
}
