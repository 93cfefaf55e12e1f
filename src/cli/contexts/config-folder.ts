/**
 * Where a person's contexts and tokens are kept: XDG on Linux, Application Support on macOS, %APPDATA% on Windows.
 * Pure: the platform and the environment are told, so that every system's answer is tested on any of them.
 */
import path from 'node:path'

export interface Home {
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Undefined where nobody has a home: a service without HOME keeps nothing. */
export function configFolder({ platform, env }: Home): string | undefined {
  const join = (...parts: string[]): string => (platform === 'win32' ? path.win32 : path.posix).join(...parts)
  const named = env['SALLYPORT_CONFIG_DIR'] ?? ''
  if (named !== '') return named
  const base = baseFolder({ platform, env }, join)
  return base === undefined ? undefined : join(base, 'sallyport')
}

/** https://specifications.freedesktop.org/basedir-spec/: a relative XDG_CONFIG_HOME counts for nothing. */
function baseFolder({ platform, env }: Home, join: (...parts: string[]) => string): string | undefined {
  const below = (home: string | undefined, ...parts: string[]): string | undefined =>
    home === undefined || home === '' ? undefined : join(home, ...parts)
  if (platform === 'win32') return env['APPDATA'] || below(env['USERPROFILE'], 'AppData', 'Roaming')
  if (platform === 'darwin') return below(env['HOME'], 'Library', 'Application Support')
  const xdg = env['XDG_CONFIG_HOME'] ?? ''
  return xdg.startsWith('/') ? xdg : below(env['HOME'], '.config')
}
