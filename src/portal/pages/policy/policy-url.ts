/** The addresses of a machine's page and of the editor for one machine or many. */

const UNPROTECT = 'unprotect'

export function policyUrl(machines: readonly string[]): string {
  return `/policy?${new URLSearchParams(machines.map((machine) => ['machine', machine])).toString()}`
}

/** The editor, at the question whether the machine is to be protected no longer. */
export function unprotectUrl(machine: string): string {
  return `${policyUrl([machine])}&${UNPROTECT}`
}

export function isToUnprotect(search: string): boolean {
  return new URLSearchParams(search).has(UNPROTECT)
}

export function machineUrl(machine: string): string {
  return `/machine?${new URLSearchParams({ id: machine }).toString()}`
}
