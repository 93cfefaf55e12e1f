import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTwoSlots, slotFiles, type TwoSlots } from './two-slots.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-slots-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (name = 'document'): TwoSlots => openTwoSlots(join(folder, name), () => statSync(folder))

it('the newest text is there again after a restart, whatever was longer before', () => {
  const slots = open()
  expect(slots.read()).toBeUndefined()
  for (const text of ['a long text to begin with', 'b', 'a text', 'c']) slots.write(text, 'quick')
  expect(open().read()).toBe('c')
  open().write('d', 'lasting')
  expect([open().read(), slots.read()]).toEqual(['d', 'd'])
})

it('others cannot read it', () => {
  open().write('secret', 'quick')
  const [, file] = slotFiles(join(folder, 'document'))
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('of a text that was half written when the process died, the one before is left', () => {
  let round = 0
  const sentence = fc.stringMatching(/^[a-z {}":,0-9]{0,60}$/)
  fc.assert(
    fc.property(sentence, sentence, sentence, fc.nat(120), (first, second, third, cut) => {
      const name = `torn-${(round += 1)}`
      const slots = open(name)
      slots.write(first, 'quick')
      slots.write(second, 'quick')
      const [, file] = slotFiles(join(folder, name))
      const before = readFileSync(file)
      slots.write(third, 'quick')
      const whole = readFileSync(file)
      const end = whole.indexOf(0x0a) + 1
      const length = Math.min(cut, end)
      // What the write had not reached is still as it was.
      const torn = Buffer.concat([whole.subarray(0, length), before.subarray(length)])
      writeFileSync(file, torn)
      const [line, wanted] = [torn, whole].map((data) => data.toString().split('\n', 1)[0])
      expect(open(name).read()).toBe(line === wanted ? third : second)
    }),
    { numRuns: 200 },
  )
})
