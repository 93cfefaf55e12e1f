/** How resources are called in front of people: by their last name, with the whole id where somebody wants it. */

export function nameOf(resourceId: string): string {
  return resourceId.slice(resourceId.lastIndexOf('/') + 1)
}

export function groupOf(resourceId: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(resourceId)?.[1] ?? ''
}

/** The server's sentences begin small, to stand behind a name; on their own they begin as sentences do. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const SERVICES: Readonly<Record<number, string>> = { 22: 'SSH', 3389: 'RDP', 5985: 'WinRM', 5986: 'WinRM (TLS)' }

/** "22/TCP (SSH)". */
export function portText({ port, protocol }: { readonly port: number; readonly protocol: string }): string {
  const service = SERVICES[port]
  const text = protocol === '*' ? String(port) : `${port}/${protocol}`
  return service === undefined ? text : `${text} (${service})`
}
