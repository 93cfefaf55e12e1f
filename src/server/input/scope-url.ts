/**
 * Paths that begin with a whole scope (`/subscriptions/…/providers/Microsoft.Authorization/roleAssignments`): the router
 * knows parameters of one segment, so the scope is packed into one before it routes.
 */

const AT_SCOPE =
  /^(.*)(\/providers\/Microsoft\.(?:Authorization\/(?:roleAssignments|roleDefinitions|permissions)|Security\/assessments)(?:\/[^/]*)?\/?)$/i

/** Every other URL is left as it is; so is one that cannot be decoded, which the router then refuses. */
export function packScope(url: string): string {
  const [path = '', ...query] = url.split('?')
  // Azure's own libraries put a slash before a scope that begins with one.
  const [, scope, rest] = AT_SCOPE.exec(path.replace(/^\/{2,}/, '/')) ?? []
  if (scope === undefined || rest === undefined || isPacked(scope)) return url
  try {
    const packed = encodeURIComponent(decodeURIComponent(scope === '' ? '/' : scope))
    return ['/' + packed + rest, ...query].join('?')
  } catch {
    return url
  }
}

function isPacked(scope: string): boolean {
  return /^\/%2f[^/]*$/i.test(scope)
}
