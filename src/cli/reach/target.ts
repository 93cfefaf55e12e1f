/** `ada@web1`, `web1:/tmp/file`: what ssh's users type, taken apart. */
export interface Target {
  readonly user: string | undefined
  readonly machine: string
}

/** At the last `@`: a user's name may hold one, a machine's may not. */
export function splitTarget(typed: string): Target {
  const at = typed.lastIndexOf('@')
  return at <= 0 ? { user: undefined, machine: typed } : { user: typed.slice(0, at), machine: typed.slice(at + 1) }
}

/**
 * Undefined for a file of this machine: one without a colon, or with a slash before it, as scp(1) reads it; on Windows also
 * one on a drive.
 */
export function splitRemoteFile(typed: string, platform: string): (Target & { readonly file: string }) | undefined {
  if (platform === 'win32' && /^[a-z]:/i.test(typed)) return undefined
  const [, place = '', file = ''] = /^([^:/][^:]*?):(.*)$/s.exec(typed) ?? []
  return place === '' || /^[./]/.test(place) ? undefined : { ...splitTarget(place), file }
}
