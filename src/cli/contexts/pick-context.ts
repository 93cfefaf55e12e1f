/** A context by its name or the beginning of it; the current one where none was typed. */
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { resolveName } from '../names/resolve-name.ts'
import type { Context, Contexts } from './context.ts'

export function pickContext(typed: string | undefined, { current, contexts }: Contexts): Context {
  const wanted = typed === undefined || typed === '' ? current : typed
  if (wanted === undefined) {
    throw new Failure(EXIT.notFound, 'no context is in use', {
      remedy: 'sallyport context list, or sallyport login --server URL',
    })
  }
  const among = contexts.map((context) => ({ id: context.name, name: context.name, context }))
  return resolveName({ what: 'context', typed: wanted, among, list: 'sallyport context list' }).context
}
