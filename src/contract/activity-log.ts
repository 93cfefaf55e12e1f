/** The activity log in Azure Monitor's shape, made of audit events (behaviour reference §9). */
import { z } from 'zod'
import { text, utcTime } from './text.ts'

const localizable = z.object({ value: z.string(), localizedValue: z.string() })

const activityEvent = z
  .object({
    id: z.string(),
    eventDataId: z.string(),
    correlationId: z.string(),
    operationId: z.string(),
    eventName: localizable,
    category: localizable,
    level: z.enum(['Informational', 'Warning', 'Error']),
    eventTimestamp: utcTime,
    submissionTimestamp: utcTime,
    operationName: localizable,
    status: localizable,
    subStatus: localizable,
    caller: z.string(),
    resourceId: z.string(),
    resourceGroupName: z.string(),
    resourceProviderName: localizable,
    resourceType: localizable,
    subscriptionId: z.string(),
    tenantId: z.string(),
    claims: z.record(z.string(), z.string()),
    httpRequest: z.object({ clientIpAddress: z.string() }),
    properties: z.record(z.string(), z.string()),
  })
  .partial()
  .meta({ id: 'ActivityLogEvent' })

export type ActivityEvent = z.infer<typeof activityEvent>

export const activityEventList = z
  .object({ value: z.array(activityEvent), nextLink: z.string().optional() })
  .meta({ id: 'ActivityLogEventList' })

export type ActivityEventList = z.infer<typeof activityEventList>

export const activityQuery = z.object({
  $filter: text.optional().meta({
    description:
      "eventTimestamp ge '…' [and eventTimestamp le '…'] [and resourceGroupName|resourceUri|resourceProvider|correlationId eq '…']",
  }),
  $select: text.optional().meta({ description: 'Names of members with commas' }),
  $skipToken: text.optional().meta({ description: 'As nextLink gives it' }),
})
