/** This machine's two clocks. */
import type { ClockSource } from './agent-clock.ts'
import { bootId } from './system-facts.ts'

export function systemClocks(): ClockSource {
  return {
    wall: () => Date.now(),
    // CLOCK_MONOTONIC: the same for every process of this boot.
    steady: () => Number(process.hrtime.bigint()) / 1e6,
    bootId: bootId(),
  }
}
