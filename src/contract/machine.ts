/** Machines as Sallyport's own interface shows them: what is protected, by which policies, and what is open now. */
import { z } from 'zod'
import { ON_EXPIRY } from '../domain/access/flow.ts'
import { CATEGORIES, HEALTHS, SEVERITIES, UNSUPPORTED } from '../domain/posture.ts'
import { because } from './posture.ts'
import { grant } from './request.ts'
import { flag, portNumber, text, top, utcTime } from './text.ts'

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
    unreachableSince: utcTime.optional().meta({
      description: 'Since when nobody hears from its agent: nothing can be opened there; what is open ends by itself',
    }),
    labels: z.record(z.string(), z.string()).optional().meta({ description: 'Of a host, or of the gateway before it' }),
    policies: z.array(z.string()).meta({ description: 'Resource ids of the policies that name it' }),
    ports: z.array(
      z.object({
        number: portNumber,
        protocol: z.enum(['TCP', 'UDP', '*']),
        allowedSources: z.array(z.string()),
        maxRequestAccessDuration: z.string(),
        onExpiry: z
          .enum(ON_EXPIRY)
          .optional()
          .meta({ description: 'What becomes of who is connected when a hole ends; keep when left out' }),
      }),
    ),
    grants: z.array(grant).meta({ description: 'Live grants: not closed and not failed' }),
    posture: z
      .object({
        category: z.enum(CATEGORIES),
        severity: z.enum(SEVERITIES).optional(),
        health: z.enum(HEALTHS),
        why: z.enum(UNSUPPORTED).optional(),
        reason: z.string(),
        because,
      })
      .optional()
      .meta({ description: 'In a page of the list, where you may read assessments' }),
    use: z
      .object({
        requests: z.int().meta({ description: 'Approved in the last seven days' }),
        lastAt: utcTime.optional(),
        lastUser: z.string().optional(),
      })
      .optional()
      .meta({ description: 'In a page of the list' }),
  })
  .meta({ id: 'Machine' })

export type WireMachine = z.infer<typeof machine>

export const machineList = z
  .object({
    value: z.array(machine),
    total: z.int().optional().meta({ description: 'In a page: how many machines were asked for' }),
    counts: z
      .object({ configured: z.int(), notConfigured: z.int(), unsupported: z.int() })
      .optional()
      .meta({ description: 'In a page: of what was searched, whatever category was asked for' }),
  })
  .meta({ id: 'MachineList' })

/** With `top` a page; without it, and of what is `named`, only what every machine shows. */
export const machineQuery = z.object({
  top,
  skip: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'a whole number of machines to pass over' })
    .transform(Number)
    .optional(),
  named: text.optional().meta({
    description:
      'Only what somebody may mean who types this, a name, an id or the beginning of one; with top the first so many that begin so',
  }),
  ids: text.optional().meta({ description: 'Only these machines: resource ids with commas between' }),
  search: text.optional().meta({ description: 'Part of the name or id' }),
  selector: text
    .optional()
    .meta({ description: 'With top: only those with all of these labels', examples: ['env=prod'] }),
  within: text.optional().meta({ description: 'Id of a subscription, resource group or connection' }),
  os: z.enum(['Linux', 'Windows']).optional(),
  category: z.enum(CATEGORIES).optional(),
  severity: z.enum(SEVERITIES).optional(),
  why: z.enum(UNSUPPORTED).optional(),
  sort: z.enum(['name', 'resourceGroup', 'location', 'severity']).optional(),
  descending: flag,
})

export type MachineQuery = z.output<typeof machineQuery>

export type WireMachineList = z.infer<typeof machineList>
