/** Sallyport's own operations on policies: all of them without their history, and the plan of many in one call. */
import { z } from 'zod'
import type { Operation } from './operation.ts'
import { planBody, policiesPlan, policyList } from './policy.ts'
import { flag, text, top } from './text.ts'

export const POLICY_OPERATIONS = {
  Policies_List: {
    method: 'GET',
    path: '/api/v1/policies',
    tag: 'sallyport',
    summary: 'Lists the policies of every subscription, with who manages them and without their history',
    apiVersion: 'none',
    query: z.object({
      managed: flag.meta({ description: 'true: only those that code manages; false: only the others' }),
      managedBy: text.optional().meta({ description: 'Only those of this owner: TOOL, or TOOL SOURCE' }),
      top,
      after: text.optional().meta({ description: 'Resource id of the last policy seen' }),
    }),
    answers: { 200: { text: 'The policies; nextLink when there are more', body: policyList } },
  },
  Policies_Plan: {
    method: 'POST',
    path: '/api/v1/policies/plan',
    tag: 'sallyport',
    summary: 'Says what writing and removing these policies would change, or why it would be refused; changes nothing',
    apiVersion: 'none',
    body: planBody,
    answers: { 200: { text: 'The plan, in the order of the request', body: policiesPlan } },
  },
} as const satisfies Readonly<Record<string, Operation>>
