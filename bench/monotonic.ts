/** CLOCK_MONOTONIC in milliseconds: one clock for every process of the machine, which no step of the wall clock moves. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

const LOOKS = 15

/**
 * The wall clock minus {@link monotonic}. `Date.now()` tells whole milliseconds, so each look waits for it to tick and
 * takes that moment; the median of several is good to some microseconds.
 */
export function wallMinusMonotonic(): number {
  const looks = Array.from({ length: LOOKS }, oneTick).sort((a, b) => a - b)
  return looks[Math.floor(LOOKS / 2)] ?? Number.NaN
}

function oneTick(): number {
  const before = Date.now()
  let wall = before
  while (wall === before) wall = Date.now()
  return wall - monotonic()
}
