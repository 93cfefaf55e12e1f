/** The addresses of a machine's page, of the editor for one machine or many, and of that for labels. */

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

/** The editor of the labels by which a policy chooses machines. */
export function labelsUrl(policy?: string): string {
  return policy === undefined ? '/labels' : `/labels?${new URLSearchParams({ policy }).toString()}`
}

export function machineUrl(machine: string): string {
  return `/machine?${new URLSearchParams({ id: machine }).toString()}`
}
