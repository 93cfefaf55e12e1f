/** What a request would be allowed or refused now, without a trace of having asked. */
import type { App } from '../app.ts'
import { authorizeRequest, judgeRequest, type RequestAccessInput } from './judge-request.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import type { Allowed } from '../../domain/access/request.ts'

export async function previewAccess(app: App, input: RequestAccessInput): Promise<Result<readonly Allowed[]>> {
  const denied = await authorizeRequest(app, input)
  if (denied.length > 0) return refused(...denied)
  const judged = await judgeRequest(app, app.store.reads, input, app.clock.now())
  return judged.ok ? ok(judged.value.allowed) : judged
}
