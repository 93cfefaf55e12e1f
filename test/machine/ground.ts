/** What this test needs of the machine that it runs on. Where something is missing it says so, and nothing was tried. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'

/** Neither passed nor failed: sysexits(3) calls it EX_UNAVAILABLE. */
export const CANNOT_RUN = 69

interface Need {
  readonly what: string
  readonly remedy: string
  readonly isMet: () => boolean
}

const NEEDS: readonly Need[] = [
  { what: 'root', remedy: 'run it with sudo', isMet: () => process.getuid?.() === 0 },
  {
    what: '/dev/net/tun, to connect the machine',
    remedy: 'load the kernel module tun',
    isMet: () => canOpen('/dev/net/tun'),
  },
  program('qemu-system-x86_64', 'qemu-system-x86'),
  program('debootstrap', 'debootstrap'),
  program('mkfs.ext4', 'e2fsprogs'),
  program('ip', 'iproute2'),
  program('nft', 'nftables'),
  program('ssh', 'openssh-client'),
]

/** A line for each thing that is missing. */
export function whatIsMissing(): readonly string[] {
  return NEEDS.filter(({ isMet }) => !isMet()).map(({ what, remedy }) => `${what}: ${remedy}`)
}

/**
 * Whether the processor itself runs the machine. Else it is emulated: several times slower, and as true. That the device
 * can be opened says too little, for a virtual machine may have one that no unchanged kernel runs on.
 */
export function hasKvm(): boolean {
  return canOpen('/dev/kvm') && /^flags.*\b(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
}

function program(name: string, inPackage: string): Need {
  return { what: `the program ${name}`, remedy: `apt-get install ${inPackage}`, isMet: () => isInstalled(name) }
}

function isInstalled(name: string): boolean {
  const folders = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(':')
  return folders.some((folder) => existsSync(`${folder}/${name}`))
}

function canOpen(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
