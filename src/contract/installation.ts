/** What an installation says about itself and its caller, and what its doctor found. */
import { z } from 'zod'
import { checkWords } from './posture.ts'

export const whoami = z
  .object({
    name: z.string(),
    principals: z.array(z.string()).meta({ description: 'Your object id, then the ids of your groups' }),
    address: z.string().meta({ description: 'The address your requests come from, as the server sees it' }),
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    location: z.string(),
    version: z.string(),
  })
  .meta({ id: 'Whoami' })

export type Whoami = z.infer<typeof whoami>

const check = z
  .object({
    name: z.string(),
    status: z.enum(['ok', 'warning', 'failed']),
    ...checkWords,
  })
  .meta({ id: 'Check' })

export type Check = z.infer<typeof check>

export const checkList = z.object({ value: z.array(check) }).meta({ id: 'CheckList' })

export type CheckList = z.infer<typeof checkList>

export const health = z.object({ status: z.enum(['ok', 'unavailable']), text: z.string().optional() }).meta({
  id: 'Health',
})

/** What Azure's command line reads to register a cloud, before api-version 2018. */
const oneCloud = z
  .object({
    name: z.string(),
    resourceManager: z.string(),
    galleryEndpoint: z.string(),
    graphEndpoint: z.string(),
    portalEndpoint: z.string(),
    authentication: z.object({ loginEndpoint: z.string(), audiences: z.array(z.string()) }),
  })
  .meta({ id: 'CloudEndpoints' })

/** What ARM_CLOUD_METADATA_URL leads to. */
const cloud = z
  .object({
    name: z.string(),
    portal: z.string(),
    authentication: z.object({
      loginEndpoint: z.string(),
      audiences: z.array(z.string()),
      tenant: z.string(),
      identityProvider: z.string(),
    }),
    resourceManager: z.string(),
    graph: z.string(),
    graphAudience: z.string(),
    microsoftGraphResourceId: z.string(),
    gallery: z.string(),
    media: z.string(),
    batch: z.string(),
    suffixes: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Cloud' })

export type Cloud = z.infer<typeof cloud>

export const cloudEndpoints = z.union([oneCloud, z.array(cloud)])
