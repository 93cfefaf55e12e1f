/** The body of every answer that is not a success, in Azure Resource Manager's shape (behaviour reference §2.1). */
import { z } from 'zod'
import { facts } from './facts.ts'

const errorDetail = z
  .object({
    code: z.string().meta({ description: 'Stable and machine-readable; see errors.md' }),
    message: z.string().meta({ description: 'A sentence: what was expected, what came, what to do' }),
    target: z
      .string()
      .optional()
      .meta({ description: 'Where in the input, such as virtualMachines[0].ports[1].number' }),
    facts: facts.optional(),
  })
  .meta({ id: 'ErrorDetail' })

export const armError = z
  .object({
    error: errorDetail.extend({
      details: z.array(errorDetail).optional().meta({ description: 'Every reason, when there is more than one' }),
    }),
  })
  .meta({ id: 'CloudError' })

export type ArmError = z.infer<typeof armError>
