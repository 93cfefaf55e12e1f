/**
 * The small texts and switches that every wire shape is made of. Judges only whether a value has the right type and can be
 * kept; what it means (addresses, durations, limits) is judged by the domain, which returns every refusal at once.
 */
import { z } from 'zod'

/**
 * PostgreSQL cannot keep U+0000 in a text (https://www.postgresql.org/docs/current/datatype-character.html), and half a
 * surrogate pair would come back as another character than was hashed into the audit trail.
 */
export const text = z.string().regex(/^[^\u0000\p{Cs}]*$/u, { error: 'a text of whole characters without U+0000' })

/** Clients that know a field but do not use it send null: the same as leaving it out. */
export const optionalText = text.nullish()

export const portNumber = z.number().meta({ type: 'integer', minimum: 0, maximum: 65_535 })

export const utcTime = z.string().meta({ format: 'date-time', examples: ['2026-01-31T18:00:00.1230000Z'] })

/** `?dryRun=true`. */
export const flag = z
  .string()
  .regex(/^(true|false)$/i, { error: 'true or false' })
  .transform((value) => value.toLowerCase() === 'true')
  .optional()

/** `?top=50`: how many at most. */
export const top = z
  .string()
  .regex(/^([1-9]\d{0,2}|1000)$/, { error: 'a whole number from 1 to 1000' })
  .transform(Number)
  .optional()
