/** The address of the request form with its machines filled in. What a person writes is never in an address. */

export interface Prefilled {
  readonly machines: readonly string[]
  readonly port?: number
}

export function requestUrl({ machines, port }: Prefilled): string {
  const query = new URLSearchParams(machines.map((machine) => ['machine', machine]))
  if (port !== undefined) query.set('port', String(port))
  return `/request?${query.toString()}`
}

export function prefilledFrom(search: string): Prefilled {
  const query = new URLSearchParams(search)
  const port = Number(query.get('port'))
  return { machines: query.getAll('machine'), ...(Number.isInteger(port) && port > 0 ? { port } : {}) }
}
