/** Who gets in, from `--from`. `me` alone is left to the server, whose answer names the address; beside others it is spelled out. */
import type { WireMachine } from '../../contract/machine.ts'
import { whoAmI } from '../names/directory.ts'
import type { Session } from '../session.ts'
import { shellOrigin } from '../shell-origin.ts'

export async function sourcesFor(
  from: readonly string[],
  machines: readonly WireMachine[],
  session: Session,
): Promise<readonly string[] | undefined> {
  if (!from.includes('me')) return from
  const { address } = await whoAmI(session.client)
  warnOfLoopback(address, machines, session)
  return from.length === 1 ? undefined : [...new Set(from.map((source) => (source === 'me' ? address : source)))]
}

/** On the server's own machine `me` is 127.0.0.1, which opens the port to nobody who needs it. */
function warnOfLoopback(address: string, machines: readonly WireMachine[], session: Session): void {
  if (!/^127\.|^::1$/.test(address)) return
  const [shell] = shellOrigin(session.io)?.split(' ') ?? []
  const better = shell === undefined ? 'ADDRESS' : `${shell}, where your shell comes from`
  session.say(
    `warning: the server sees you at ${address}, this machine itself; to open ${machines.map(({ name }) => name).join(', ')} for another: --from ${better}`,
  )
}
