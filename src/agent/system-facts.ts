/** What this host is, for the server and for people: changes seldom, and is told at the start of each connection. */
import { readFileSync } from 'node:fs'
import { arch, hostname, release } from 'node:os'
import { QUESTIONS, type HostFacts } from '../contract/agent.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Instant } from '../domain/time.ts'
import { reasonOnWire } from './keeper/said-on-wire.ts'
import { ownAddresses } from '../drivers/nftables/kernel/own-addresses.ts'

export interface FactsInput {
  readonly agentVersion: string
  readonly startedAt: Instant
  readonly unsupported: readonly Refusal[]
}

export function systemFacts({ agentVersion, startedAt, unsupported }: FactsInput): HostFacts {
  return {
    agentVersion,
    hostname: hostname(),
    system: systemName(),
    kernel: release(),
    architecture: arch(),
    addresses: ownAddresses(),
    bootId: bootId(),
    startedAt,
    unsupported: unsupported.map(reasonOnWire),
    answers: [...QUESTIONS],
  }
}

/** Another one after each boot (random(4)). */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/** os-release(5). */
function systemName(): string {
  try {
    const text = readFileSync('/etc/os-release', 'utf8')
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? 'Linux'
  } catch {
    return 'Linux'
  }
}
