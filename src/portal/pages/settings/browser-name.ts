/** "Firefox, Windows" of what a browser calls itself: for recognising one's own, never for deciding anything. Pure. */

/** The order matters: most browsers also claim to be the ones after them. */
const BROWSERS = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' } as const
const SYSTEMS = {
  iPhone: 'iPhone',
  iPad: 'iPad',
  Android: 'Android',
  Windows: 'Windows',
  'Mac OS X': 'macOS',
  Linux: 'Linux',
}

export function browserName(userAgent: string): string {
  const names = [BROWSERS, SYSTEMS].flatMap(
    (known) => Object.entries(known).find(([sign]) => userAgent.includes(sign))?.[1] ?? [],
  )
  return names.length === 0 ? userAgent : names.join(', ')
}
