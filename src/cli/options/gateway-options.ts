/** How a gateway is reached from outside, as it is typed; what it means is the server's to judge. */
import type { Command } from 'commander'
import { usageFailure } from '../failure.ts'
import { repeatable } from './repeatable.ts'

export interface GatewayOptions {
  readonly publicAddress?: readonly string[]
  readonly mappedPorts?: string
  readonly snat?: boolean
}

export interface GatewayBody {
  readonly publicAddresses?: readonly { readonly address: string; readonly seenAs?: string }[]
  readonly mappedPorts?: { readonly from: number; readonly to: number }
  readonly snat?: boolean
}

export function withGatewayOptions(command: Command): Command {
  return command
    .option(
      '--public-address <address>',
      'of a gateway: what people connect to; ADDRESS=INNER where a device before it translates; may be repeated',
      repeatable,
    )
    .option('--mapped-ports <range>', 'of a gateway: where the ports are chosen from, such as 40000-49999')
    .option('--snat', 'of a gateway: its machines see the gateway as the client')
}

/** Undefined when nothing of it is typed. */
export function gatewayBodyOf({ publicAddress, mappedPorts, snat }: GatewayOptions): GatewayBody | undefined {
  if (publicAddress === undefined && mappedPorts === undefined && snat === undefined) return undefined
  return {
    ...(publicAddress === undefined ? {} : { publicAddresses: publicAddress.map(addressOf) }),
    ...(mappedPorts === undefined ? {} : { mappedPorts: rangeOf(mappedPorts) }),
    ...(snat === undefined ? {} : { snat }),
  }
}

function addressOf(text: string): { address: string; seenAs?: string } {
  const [address = '', seenAs] = text.split('=', 2)
  return { address, ...(seenAs === undefined ? {} : { seenAs }) }
}

function rangeOf(text: string): { from: number; to: number } {
  const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []
  if (from === undefined || to === undefined) throw usageFailure(`'${text}' is not a range of ports; write 40000-49999`)
  return { from: Number(from), to: Number(to) }
}
