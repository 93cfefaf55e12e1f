import { expect, test } from 'vitest'
import { tellStep } from './access/step.ts'

test('a sentence about a machine with a Chinese name is punctuated like every other', () => {
  const beneath = tellStep('OneBeneath', { rules: "'allow-ssh'" })
  const protect = tellStep('ProtectByRule', { ports: '22', machine: '網頁', rule: 'ours', priority: 100 }, [beneath])
  expect(protect.text).toBe(
    "protect 22 on 網頁 (rule ours at 100); beneath it 'allow-ssh' lets nobody in to these ports any more",
  )
})
