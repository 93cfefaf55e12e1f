/** What is measured, by its letter. */
import * as open from './a-open.ts'
import * as close from './b-close.ts'
import * as rate from './c-rate.ts'
import * as many from './d-many.ts'
import * as history from './e-history.ts'
import * as peer from './f-peer.ts'
import * as permission from './g-permission.ts'
import * as tokens from './h-tokens.ts'
import * as start from './i-start.ts'
import * as posture from './j-posture.ts'
import * as portal from './k-portal.ts'
import * as agents from './l-agents.ts'
import * as agent from './m-agent.ts'
import * as fleet from './n-fleet.ts'
import type { Report } from './report.ts'

interface Measurement {
  readonly title: string
  measure(): Promise<Report>
}

export const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  a: open,
  b: close,
  c: rate,
  d: many,
  e: history,
  f: peer,
  g: permission,
  h: tokens,
  i: start,
  j: posture,
  k: portal,
  l: agents,
  m: agent,
  n: fleet,
}
