/** The settings of a gateway (domain/hosts/gateway.ts) as they are written: in the server's file, and to an agent. */
import { z } from 'zod'
import { MAPPED_PORTS } from '../domain/hosts/gateway.ts'
import { parsePortRange } from '../domain/security-groups/port-range.ts'

const address = z.string().min(1)

const publicAddress = z.union([
  address.transform((text) => ({ address: text })),
  z.strictObject({ address, seenAs: address.exactOptional() }),
])

const mappedPorts = z.union([
  z.object({ from: z.int(), to: z.int() }),
  z.string().transform((text, context) => {
    const parsed = parsePortRange(text)
    if (parsed.ok) return parsed.value
    for (const { message } of parsed.refusals) context.addIssue({ code: 'custom', message })
    return z.NEVER
  }),
])

export const gatewaySettings = z.strictObject({
  publicAddresses: z.array(publicAddress).default([]),
  mappedPorts: mappedPorts.default(MAPPED_PORTS),
  snat: z.boolean().default(false),
  machines: z.array(z.strictObject({ id: z.string(), addresses: z.array(address) })),
})
