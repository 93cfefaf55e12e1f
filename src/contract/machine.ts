/** Machines as Sallyport's own interface shows them: what is protected, by which policies, and what is open now. */
import { z } from 'zod'
import { grant } from './request.ts'
import { portNumber } from './text.ts'

export const machine = z
  .object({
    id: z.string(),
    name: z.string(),
    location: z.string(),
    os: z.enum(['Linux', 'Windows']),
    privateAddresses: z.array(z.string()),
    publicAddresses: z.array(z.string()),
    points: z.array(z.string()).meta({ description: 'The enforcement points that carry its rules' }),
    unsupported: z
      .object({ code: z.string(), message: z.string() })
      .optional()
      .meta({ description: 'Why it cannot be protected' }),
    policies: z.array(z.string()).meta({ description: 'Resource ids of the policies that name it' }),
    ports: z.array(
      z.object({
        number: portNumber,
        protocol: z.enum(['TCP', 'UDP', '*']),
        allowedSources: z.array(z.string()),
        maxRequestAccessDuration: z.string(),
      }),
    ),
    grants: z.array(grant).meta({ description: 'Live grants: not closed and not failed' }),
  })
  .meta({ id: 'Machine' })

export type WireMachine = z.infer<typeof machine>

export const machineList = z.object({ value: z.array(machine) }).meta({ id: 'MachineList' })

export type WireMachineList = z.infer<typeof machineList>
