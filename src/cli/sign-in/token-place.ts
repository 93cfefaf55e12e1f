/** What the stores of contexts and tokens need of the world. */
import type { TokenPlace } from '../contexts/token-store.ts'
import type { Io } from '../io.ts'

export function placeOf({ env, outside }: Pick<Io, 'env' | 'outside'>): TokenPlace {
  return { env, platform: outside.platform, outside }
}
