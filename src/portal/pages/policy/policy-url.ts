/** The addresses of a machine's page and of the editor for one machine or many. */

export function policyUrl(machines: readonly string[]): string {
  return `/policy?${new URLSearchParams(machines.map((machine) => ['machine', machine])).toString()}`
}

export function machineUrl(machine: string): string {
  return `/machine?${new URLSearchParams({ id: machine }).toString()}`
}
