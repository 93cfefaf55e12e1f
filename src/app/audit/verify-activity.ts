/** Checking the whole audit trail, for whoever may read all of it. That it was checked, and the finding, is on record. */
import { actorOf } from './actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import { toldBy } from './told-by.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { READ_ACTIVITY } from '../../domain/roles/required-actions.ts'

export type TrailFinding =
  | {
      readonly intact: true
      readonly events: number
      readonly first: number
      readonly vouched: number
      readonly checkpoints: number
      readonly outside: number
    }
  | { readonly intact: false; readonly seq: number; readonly problem: string }

export async function verifyActivity(
  app: Pick<App, 'store' | 'access' | 'clock' | 'log'>,
  caller: Caller,
  verify: () => Promise<TrailFinding>,
): Promise<Result<TrailFinding>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_ACTIVITY, scope: '/' }])
  if (denied.length > 0) return refused(...denied)
  const finding = await verify()
  if (!finding.intact) app.log.error(finding, 'the audit trail is not what was written')
  const facts = finding.intact
    ? { intact: true, events: finding.events }
    : { intact: false, problem: finding.problem, first: finding.seq }
  const event = { at: app.clock.now(), actor: actorOf(caller), address: caller.address, target: 'audit' }
  await app.store.transaction((tx) => tx.append([{ ...event, action: 'audit.verified', data: toldBy(caller, facts) }]))
  return ok(finding)
}
