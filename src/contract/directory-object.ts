/** People and programs as Microsoft Graph shows them: only what Azure's command line asks for to put names to ids. */
import { z } from 'zod'
import { optionalText, text } from './text.ts'

const directoryObject = z
  .object({
    '@odata.type': z.enum(['#microsoft.graph.user', '#microsoft.graph.group', '#microsoft.graph.servicePrincipal']),
    id: z.string(),
    displayName: z.string(),
    userPrincipalName: z.string().optional(),
    appId: z.string().optional(),
    servicePrincipalNames: z.array(z.string()).optional(),
  })
  .meta({ id: 'DirectoryObject' })

export type DirectoryObject = z.infer<typeof directoryObject>

export const directoryObjectList = z.object({ value: z.array(directoryObject) }).meta({ id: 'DirectoryObjectList' })

export type DirectoryObjectList = z.infer<typeof directoryObjectList>

export const getByIdsBody = z
  .object({ ids: z.array(text).max(1_000), types: z.array(text).nullish() })
  .meta({ id: 'GetByIdsRequest' })

export const graphFilter = z.object({
  $filter: optionalText.meta({
    description:
      "One comparison: userPrincipalName eq 'X', displayName eq 'X', appId eq 'X', servicePrincipalNames/any(c:c eq 'X')",
  }),
})
