/**
 * Stands for a kernel that cannot be reached at all: without the privilege, or without netfilter. It does nothing and says
 * why, so that somebody hears of a host that is not protected.
 */
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { missingPrivilege } from './kernel/probe-support.ts'
import { openNftables, type OpenNftables } from './open-nftables.ts'
import type { NftablesDriver } from './nftables-driver.ts'

/** The driver of this host's kernel; where there is no way to it, one that says why. */
export async function openOrTellWhyNot(options: OpenNftables): Promise<NftablesDriver> {
  const [privilege] = await missingPrivilege()
  if (privilege !== undefined) return unableDriver(privilege)
  try {
    return openNftables(options)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return unableDriver(refusal('KernelNotSupported', `the kernel's firewall cannot be reached: ${why}`))
  }
}

function unableDriver(why: Refusal): NftablesDriver {
  const unable = (): Promise<never> => Promise.reject(new Error(why.message))
  return {
    kind: 'nftables',
    closesByItself: true,
    heartbeat: 60_000,
    observe: unable,
    plan: () => {
      throw new Error(why.message)
    },
    apply: unable,
    preflight: () => Promise.resolve([]),
    watch: () => () => {},
    doctor: () => Promise.resolve([]),
    posture: unable,
    probe: () => Promise.resolve([why]),
    close: () => Promise.resolve(),
  }
}
