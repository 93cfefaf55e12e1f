/** Looks for changes once a second while a page is open somewhere, and at once when a pass of this replica is over. */
import type { App } from '../app/app.ts'
import { Changes } from '../app/audit/changes.ts'
import type { Passes } from '../app/convergence/passes.ts'

const EVERY_MS = 1_000

export function watchChanges(app: App, passes: Passes): { readonly changes: Changes; readonly stop: () => void } {
  const changes = new Changes(app)
  const timer = setInterval(() => void changes.look(), EVERY_MS)
  timer.unref()
  passes.onRecorded(() => void changes.look())
  return { changes, stop: () => clearInterval(timer) }
}
