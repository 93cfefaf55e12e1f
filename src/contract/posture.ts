/** Posture on the wire: our own list, and the assessments that Azure's clients read. */
import { z } from 'zod'
import { CATEGORIES, HEALTHS, SEVERITIES, UNSUPPORTED } from '../domain/posture.ts'
import { facts } from './facts.ts'
import { portNumber } from './text.ts'

const counted = <const T extends readonly string[]>(names: T) => z.partialRecord(z.enum(names), z.int())

export const because = z
  .object({ code: z.string(), facts: facts.optional() })
  .meta({ description: 'What the sentence says, for clients that word it in another language' })

/** As domain/check.ts has it. */
export const checkWords = {
  text: z.string(),
  because: because.optional().meta({ description: 'What the text says' }),
  remedy: z.string().optional(),
  remedyBecause: because.optional().meta({ description: 'What the remedy says' }),
}

const finding = z.object({
  code: z.enum(['NotEnforced', 'OpenToEverybody', 'OpenToSome', 'Unreachable', 'PerhapsOpen']),
  severity: z.enum(SEVERITIES),
  port: portNumber.optional(),
  text: z.string(),
  because,
})

export const machinePosture = z
  .object({
    id: z.string(),
    name: z.string(),
    location: z.string().optional(),
    category: z.enum(CATEGORIES),
    severity: z.enum(SEVERITIES).optional(),
    health: z.enum(HEALTHS),
    why: z.enum(UNSUPPORTED).optional().meta({ description: 'Why it is unsupported' }),
    reason: z.string().meta({ description: 'A sentence that names the rule' }),
    because,
    findings: z.array(finding).meta({ description: 'Worst first' }),
  })
  .meta({ id: 'MachinePosture' })

export type WireMachinePosture = z.infer<typeof machinePosture>

export const postureList = z
  .object({
    value: z.array(machinePosture),
    counts: z
      .object({
        category: counted(CATEGORIES),
        health: counted(HEALTHS),
        severity: counted(SEVERITIES).meta({ description: 'Of those not configured' }),
        why: counted(UNSUPPORTED),
      })
      .meta({ description: 'Of every machine that you may read within the place, whatever else was filtered by' }),
    nextLink: z.string().optional(),
  })
  .meta({ id: 'PostureList' })

export type WirePostureList = z.infer<typeof postureList>

export const assessment = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.literal('Microsoft.Security/assessments'),
    properties: z.object({
      resourceDetails: z.object({ source: z.literal('Azure'), id: z.string() }),
      displayName: z.string(),
      status: z.object({ code: z.enum(HEALTHS), cause: z.string().optional(), description: z.string() }),
      additionalData: z.record(z.string(), z.string()),
    }),
  })
  .meta({ id: 'Assessment' })

export type WireAssessment = z.infer<typeof assessment>

export const assessmentList = z
  .object({ value: z.array(assessment), nextLink: z.string().optional() })
  .meta({ id: 'AssessmentList' })

export type WireAssessmentList = z.infer<typeof assessmentList>
