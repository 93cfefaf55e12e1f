/** Paths of operations, for the router and for telling a wrong method from a wrong path. */
import { OPERATIONS } from '../../contract/operations.ts'
import type { Operation } from '../../contract/operation.ts'

/** `/a/{b}` as the router writes it: `/a/:b`. */
export function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** The methods that some operation has at this path; none when there is no such path. */
export function methodsAt(pathname: string): string[] {
  return PATTERNS.filter(({ pattern }) => pattern.test(pathname)).map(({ method }) => method)
}

const PATTERNS = Object.values<Operation>(OPERATIONS).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
}))
