/** The line that a person types next to connect, for the usual management ports; otherwise where to connect. */

/** `user` stands where the person's own name on the machine goes. */
export function connectLine(address: string, port: number, at = port): string {
  const bare = address.includes(':') ? `[${address}]` : address
  switch (port) {
    case 22:
      return at === 22 ? `ssh user@${address}` : `ssh -p ${at} user@${address}`
    case 3389:
      return `mstsc /v:${at === 3389 ? address : `${bare}:${at}`}`
    case 5985:
      return `Enter-PSSession ${address}${at === 5985 ? '' : ` -Port ${at}`}`
    case 5986:
      return `Enter-PSSession ${address}${at === 5986 ? '' : ` -Port ${at}`} -UseSSL`
    default:
      return `${bare}:${at}`
  }
}
