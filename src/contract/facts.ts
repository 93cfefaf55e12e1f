/** What a sentence speaks of, beside its code: for clients that word it in another language. */
import { z } from 'zod'

export const facts = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .meta({ description: 'What the sentence speaks of, by name; durations and instants in ISO 8601' })

const clause = z.object({
  text: z.string(),
  code: z.string().optional().meta({ description: 'What it says, for clients that word it in another language' }),
  facts: facts.optional(),
})

export const sentence = clause
  .extend({
    also: z.array(clause).optional().meta({ description: 'What else is said of it; the text has it already' }),
  })
  .meta({ id: 'Sentence' })

export type WireSentence = z.infer<typeof sentence>
