/**
 * Where compiled code is kept from one start to the next: the person's own cache. Never the usual place below /tmp, because
 * whoever made that folder first could have us run code of theirs. Pure.
 */
import type { PlatformPath } from 'node:path'

export interface Machine {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly path: Pick<PlatformPath, 'join'>
}

export function cacheFolder({ platform, env, home, path }: Machine): string {
  const given = env['NODE_COMPILE_CACHE'] ?? ''
  if (given !== '') return given
  if (platform === 'win32')
    return path.join(env['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local'), 'sallyport', 'cache')
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'sallyport')
  return path.join(env['XDG_CACHE_HOME'] || path.join(home, '.cache'), 'sallyport')
}
