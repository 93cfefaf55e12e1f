/**
 * Policies as a file that people write and review: `sallyport apply` reads it, `sallyport export` writes it, editors
 * complete it by the JSON schema made from here. Names mean what they mean on the command line.
 */
import { z } from 'zod'
import { ON_EXPIRY } from '../domain/access/flow.ts'

const PORT = 'a port is a whole number from 0 to 65535'

const source = z.string().meta({
  description: 'an address, a CIDR prefix, or anywhere',
  examples: ['10.0.0.0/8', '203.0.113.7', 'anywhere'],
})

const port = z.strictObject({
  port: z
    .int(PORT)
    .min(0, PORT)
    .max(65_535, PORT)
    .meta({ description: 'the port that is closed, and opened on request' }),
  protocol: z.enum(['TCP', 'UDP', 'tcp', 'udp', 'any', '*']).optional().meta({ description: 'any when left out' }),
  from: z
    .union([source, z.array(source).min(1)], { error: "an address, a CIDR prefix, 'anywhere', or a list of them" })
    .optional()
    .meta({ description: 'who may have it opened; anywhere when left out' }),
  max: z
    .string()
    .optional()
    .meta({
      description: 'the longest it may be opened for, from 5m to 1d; 3h when left out',
      examples: ['1h', 'PT3H'],
    }),
  onExpiry: z.enum(ON_EXPIRY).optional().meta({
    description:
      'what becomes of who is connected when a hole ends: keep them (also when left out), warn of them, or cut them off',
  }),
})

const machine = z.strictObject({
  machine: z
    .string()
    .min(1)
    .meta({ description: 'its whole name, or its resource id', examples: ['web1'] }),
  ports: z.array(port).min(1),
  publicIpAddress: z
    .string()
    .optional()
    .meta({ description: 'of the firewall in front of it, where that is not its own' }),
})

const selector = z.strictObject({
  labels: z
    .record(z.string(), z.string())
    .meta({ description: 'all that a machine must have', examples: [{ env: 'prod' }] }),
  ports: z.array(port).min(1),
})

const policy = z.strictObject({
  name: z.string().min(1),
  subscription: z
    .string()
    .optional()
    .meta({ description: 'where the policy lives; with its first machine when left out' }),
  resourceGroup: z
    .string()
    .optional()
    .meta({ description: 'where the policy lives; with its first machine when left out' }),
  location: z.string().optional().meta({ description: 'where the policy lives; with its first machine when left out' }),
  machines: z.array(machine).min(1).optional().meta({ description: 'may be left out where there are selectors' }),
  selectors: z
    .array(selector)
    .optional()
    .meta({ description: 'whatever has these labels is protected so, now and later' }),
})

export const policyFile = z
  .strictObject({
    $schema: z.string().optional().meta({ description: 'where this schema is, for editors of JSON' }),
    policies: z.array(policy),
  })
  .meta({ title: 'Sallyport policies', description: 'What sallyport apply reads and sallyport export writes' })

export type PolicyFile = z.infer<typeof policyFile>
export type FilePolicy = z.infer<typeof policy>
export type FileMachine = z.infer<typeof machine>
export type FilePort = z.infer<typeof port>
