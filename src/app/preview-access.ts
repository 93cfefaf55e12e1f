/** What a request would be allowed or refused now, without a trace of having asked. */
import type { App } from './app.ts'
import { judgeRequest, type RequestAccessInput } from './judge-request.ts'
import { ok, type Result } from '../domain/refusal.ts'
import type { Allowed } from '../domain/request.ts'

export async function previewAccess(app: App, input: RequestAccessInput): Promise<Result<readonly Allowed[]>> {
  const judged = await judgeRequest(app, app.store.reads, input, app.clock.now())
  return judged.ok ? ok(judged.value.allowed) : judged
}
