/** Which server a login is for, and what its context is called. */
import { readContexts } from '../contexts/context-store.ts'
import {
  authorityAt,
  checkedContextName,
  contextNameOf,
  refuseTwin,
  type Context,
  type Contexts,
} from '../contexts/context.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { checkedUrl, type Sources } from '../calls/find-server.ts'
import type { Io } from '../io.ts'
import { placeOf } from './token-place.ts'

export interface Target {
  readonly name: string
  readonly server: string
  /** The context of that name and server, as it was. */
  readonly known: Context | undefined
  /** The authority that is trusted for that server: in this context, else in another. */
  readonly ca: string | undefined
}

/** A server named makes or replaces its context; without one, the named or current context is signed in to again. */
export function loginTarget(
  { server, context }: Pick<Sources, 'server' | 'context'>,
  io: Pick<Io, 'env' | 'outside'>,
): Target {
  const contexts = readContexts(placeOf(io))
  const { SALLYPORT_SERVER: fromEnvironment = '', SALLYPORT_CONTEXT: contextThere } = io.env
  const named = server ?? (context === undefined ? fromEnvironment : '')
  if (named !== '') return targetAt(checkedUrl(named), context, contexts)
  const wanted = context ?? contextThere ?? contexts.current
  const known = contexts.contexts.find(({ name }) => name === wanted)
  if (known !== undefined) return targetOf(known.name, known.server, contexts)
  throw new Failure(EXIT.usage, wanted === undefined ? 'say where to sign in' : `there is no context '${wanted}' yet`, {
    remedy: 'sallyport login --server URL',
  })
}

function targetAt(server: string, named: string | undefined, known: Contexts): Target {
  const { contexts } = known
  const name = named ?? contexts.find((context) => context.server === server)?.name ?? freeName(server, contexts)
  refuseTwin(name, known)
  return targetOf(checkedContextName(name), server, known)
}

function targetOf(name: string, server: string, contexts: Contexts): Target {
  const known = contexts.contexts.find((context) => context.name === name && context.server === server)
  return { name, server, known, ca: known?.ca ?? authorityAt(server, contexts) }
}

/** Two servers of one host, below different paths, are two contexts. */
function freeName(server: string, contexts: readonly Context[]): string {
  const first = contextNameOf(server)
  const names = [first, ...contexts.map((_, index) => `${first}-${index + 2}`)]
  return names.find((name) => contexts.every((context) => context.name !== name)) ?? first
}
