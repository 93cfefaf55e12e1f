/** What went wrong, with all that is behind it: a library's "fetch failed" alone says nothing. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code: unknown = Reflect.get(cause, 'code')
  const said = cause.message === '' && typeof code === 'string' ? code : cause.message
  return cause.cause === undefined ? said : `${said}: ${reasonOf(cause.cause)}`
}
