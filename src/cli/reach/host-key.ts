/**
 * Behind a firewall a machine is reached by a port that is another's tomorrow. ssh then knows the machine's key by the
 * machine's own id, or it would warn of an attack, or worse, be taught not to look.
 */
import type { WireMachine } from '../../contract/machine.ts'
import type { Place } from '../outside.ts'

export function hostKeyOptions(place: Place, port: number, { id }: Pick<WireMachine, 'id'>): string[] {
  return place.port === port ? [] : ['-o', `HostKeyAlias=${id.toLowerCase()}`]
}
