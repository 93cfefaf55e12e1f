/** Why the system could not do something with a file, in words. */
export function systemReason(cause: unknown): string {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  if (code === 'ENOENT') return 'it does not exist'
  if (code === 'EACCES') return 'permission denied'
  if (code === 'EPERM') return 'the system does not allow it'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'there is something in the way that is no folder'
  if (code === 'ENOSPC') return 'the disk is full'
  if (code === 'EROFS') return 'the disk can only be read'
  return typeof code === 'string' ? code : String(cause)
}
