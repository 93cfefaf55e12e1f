/** What a sentence speaks of, beside its code: for clients that word it in another language. */
import { z } from 'zod'

export const facts = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .meta({ description: 'What the sentence speaks of, by name; durations and instants in ISO 8601' })
