/** Operations on posture. `{scope}` is a whole path: a subscription, a resource group or a machine. */
import { z } from 'zod'
import { CATEGORIES, HEALTHS, SEVERITIES, UNSUPPORTED } from '../domain/posture.ts'
import type { Operation } from './operation.ts'
import { assessment, assessmentList, postureList } from './posture.ts'
import { text, top } from './text.ts'

const ASSESSMENTS = '/{scope}/providers/Microsoft.Security/assessments' as const

export const POSTURE_OPERATIONS = {
  Posture_List: {
    method: 'GET',
    path: '/api/v1/posture',
    tag: 'sallyport',
    summary: 'Says of each machine whether it is configured, could be, or cannot be, and why',
    apiVersion: 'none',
    query: z.object({
      within: text.optional().meta({ description: 'Id of a subscription, resource group, connection or machine' }),
      category: z.enum(CATEGORIES).optional(),
      severity: z.enum(SEVERITIES).optional(),
      health: z.enum(HEALTHS).optional(),
      why: z.enum(UNSUPPORTED).optional(),
      top,
      after: text.optional().meta({ description: 'What nextLink says' }),
    }),
    answers: { 200: { text: 'The machines, and how many there are of each kind', body: postureList } },
  },
  Assessments_List: {
    method: 'GET',
    path: ASSESSMENTS,
    tag: 'azure',
    summary: 'Lists the assessments of the machines at a scope',
    apiVersion: 'any',
    query: z.object({ $skiptoken: text.optional() }),
    answers: { 200: { text: 'The assessments; nextLink when there are more', body: assessmentList } },
  },
  Assessments_Get: {
    method: 'GET',
    path: `${ASSESSMENTS}/{assessmentName}`,
    tag: 'azure',
    summary: 'Shows the assessment of a machine',
    apiVersion: 'any',
    answers: { 200: { text: 'The assessment', body: assessment } },
  },
} as const satisfies Readonly<Record<string, Operation>>
