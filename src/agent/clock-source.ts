/** This machine's clocks. */
import { readFileSync } from 'node:fs'
import { unslewedClock } from '../drivers/nftables/kernel/libc.ts'
import type { ClockSource } from './agent-clock.ts'
import { bootId } from './system-facts.ts'

/** rtc(4). Nobody needs a right for it, and a clock in local time goes on as fast. */
const BATTERY = '/sys/class/rtc/rtc0/since_epoch'

export function systemClocks(): ClockSource {
  const batteryClock = (): number => Number(readFileSync(BATTERY, 'utf8')) * 1_000
  return {
    wall: () => Date.now(),
    // CLOCK_MONOTONIC: the same for every process of this boot.
    steady: () => Number(process.hrtime.bigint()) / 1e6,
    unslewed: isThere(unslewedClock) ? unslewedClock : () => undefined,
    battery: isThere(batteryClock) ? batteryClock : () => undefined,
    bootId: bootId(),
  }
}

function isThere(clock: () => number): boolean {
  try {
    return Number.isFinite(clock())
  } catch {
    return false
  }
}
