/** Where hosts are asked for. */

export const HOSTS = '/api/v1/hosts'

export function hostPath(name: string): string {
  return `${HOSTS}/${encodeURIComponent(name)}`
}
