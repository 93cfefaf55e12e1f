/** Ranges of port numbers as network rules write them: `22`, `22-25`, `*`. Both ends are inside. */
import { isPortNumber } from '../net.ts'
import { ok, refusal, refused, type Result } from '../refusal.ts'

export interface PortRange {
  readonly from: number
  readonly to: number
}

export const ANY_PORT: PortRange = { from: 0, to: 65_535 }

export function parsePortRange(text: string): Result<PortRange> {
  if (text === '*') return ok(ANY_PORT)
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  const from = Number(match?.[1] ?? Number.NaN)
  const to = Number(match?.[2] ?? match?.[1] ?? Number.NaN)
  if (isPortNumber(from) && isPortNumber(to) && from <= to) return ok({ from, to })
  return refused(refusal('InvalidPortRange', `'${text}' is not a port range; write one like 22, 1024-2048 or *`))
}

export function formatPortRange({ from, to }: PortRange): string {
  if (from === ANY_PORT.from && to === ANY_PORT.to) return '*'
  return from === to ? String(from) : `${from}-${to}`
}

export function includesPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ from, to }) => from <= port && port <= to)
}
