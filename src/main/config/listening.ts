/**
 * Listens, and says of an address that cannot be had what stands in the way and what to do: whoever installs the server sees
 * this first, and `listen EACCES` tells nobody which option it is about.
 */
interface Place {
  /** The option that chose it. */
  readonly option: string
  /** As it was given: HOST:PORT. */
  readonly address: string
}

export async function listening<T>({ option, address }: Place, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen()
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException // as sockets fail
    const why = REASONS[code]
    if (why === undefined) throw cause
    throw new Error(`cannot listen on ${option} ${address}: ${why(address.slice(address.lastIndexOf(':') + 1))}`, {
      cause,
    })
  }
}

const REASONS: Readonly<Record<string, (port: string) => string>> = {
  EADDRINUSE: (port) =>
    `another program has that port ('ss -ltnp sport = :${port}' names it); stop it, or take another port`,
  EACCES: () =>
    'a port below 1024 takes CAP_NET_BIND_SERVICE, which root has unless its service unit takes it away; give it that, or take a port from 1024 up',
  EADDRNOTAVAIL: () =>
    "this machine has no such address ('ip address' lists those it has); 0.0.0.0 or [::] is all of them",
}
