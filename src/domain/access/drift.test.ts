import { expect, it } from 'vitest'
import { driftAfter, driftOnRecord, isNews } from './drift.ts'
import { tellStep } from './step.ts'

const STEP = tellStep('ProtectPort', { port: '22/TCP' })

it('what was kept before sentences had codes is still told, and is no news when it is found again', () => {
  const kept = driftOnRecord({ since: 1, by: ['root'], steps: ['protect 22/TCP'] })
  expect(kept).toEqual({ since: 1, by: ['root'], steps: [{ text: 'protect 22/TCP' }] })
  expect(isNews(kept, { by: [], steps: [STEP] })).toBe(false)
})

it('what is found later is added once', () => {
  const other = tellStep('UnprotectPort', { port: '22/TCP' })
  const known = driftAfter(undefined, { by: ['root'], steps: [STEP] }, 1)
  const after = driftAfter(known, { by: ['root', 'eve'], steps: [STEP, other] }, 2)
  expect(after).toEqual({ since: 1, by: ['root', 'eve'], steps: [STEP, other] })
})
