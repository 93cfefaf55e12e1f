/** Tokens of a context, in a file of their own that only their owner may read, or in the system's keyring. */
import path from 'node:path'
import type { Instant } from '../../domain/time.ts'
import { contextFolder } from './context-store.ts'
import type { Context } from './context.ts'
import type { Outside } from '../outside.ts'
import type { Home } from './config-folder.ts'
import { keyringOf } from './keyring.ts'
import { readPrivate, removePrivate, writePrivate } from './private-file.ts'

export interface Tokens {
  readonly access: string
  readonly endsAt: Instant
  /** What renews it without a person. */
  readonly refresh?: string
}

export interface TokenPlace extends Home {
  readonly outside: Outside
}

type Kept = Pick<Context, 'name' | 'keep'>

export async function readTokens(place: TokenPlace, kept: Kept): Promise<Tokens | undefined> {
  const text = kept.keep === 'file' ? readPrivate(tokenFile(place, kept)) : await keyringOf(place).read(kept.name)
  return text === undefined ? undefined : parseTokens(text)
}

export async function keepTokens(place: TokenPlace, kept: Kept, tokens: Tokens): Promise<void> {
  const text = JSON.stringify(tokens)
  if (kept.keep === 'file') writePrivate(tokenFile(place, kept), text)
  else await keyringOf(place).keep(kept.name, text)
}

export async function forgetTokens(place: TokenPlace, kept: Kept): Promise<void> {
  if (kept.keep === 'file') removePrivate(tokenFile(place, kept))
  else await keyringOf(place).forget(kept.name)
}

/** Also what is locked while the tokens are renewed, wherever they are kept. */
export function tokenFile(place: Home, { name }: Pick<Context, 'name'>): string {
  return path.join(contextFolder(place), 'tokens', `${name}.json`)
}

/** Anything unexpected is as good as no token: the person signs in again. */
function parseTokens(text: string): Tokens | undefined {
  try {
    const { access, endsAt, refresh } = JSON.parse(text) as Partial<Record<keyof Tokens, unknown>> // looked at here
    if (typeof access !== 'string' || typeof endsAt !== 'number') return undefined
    return { access, endsAt, ...(typeof refresh === 'string' ? { refresh } : {}) }
  } catch {
    return undefined
  }
}
