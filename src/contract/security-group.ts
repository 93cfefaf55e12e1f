/** Network security groups, read-only, in Azure's shape as the enforcing driver gives it. */
import { z } from 'zod'

const securityRule = z.looseObject({ name: z.string(), properties: z.looseObject({}) }).meta({ id: 'SecurityRule' })

export const securityGroup = z
  .looseObject({ properties: z.looseObject({ securityRules: z.array(securityRule) }) })
  .meta({ id: 'NetworkSecurityGroup' })

export type SecurityGroup = z.infer<typeof securityGroup>

export const securityRuleList = z.object({ value: z.array(securityRule) }).meta({ id: 'SecurityRuleList' })
