import { expect, it } from 'vitest'
import { failureOf } from './answer-failure.ts'
import { EXIT } from '../exit-codes.ts'

it.each(['HostRevoked', 'HostNotEnrolled', 'PortNotInPolicy'])('%s is a no, not a mistake in the writing', (code) => {
  const error = { code: 'InvalidRequestContent', message: 'no', details: [{ code, message: 'no' }] }
  expect(failureOf(400, error).exit).toBe(EXIT.denied)
  expect(failureOf(400, { code: 'Misspelt', message: 'no' }).exit).toBe(EXIT.usage)
})

it('what is in the way of removing a host comes with the option that removes it all the same', () => {
  expect(failureOf(409, { code: 'HostInUse', message: 'policies name web1' }).remedy).toContain('--force')
})

it('a server that does not know the call is another version, and not taken for one that lacks what was named', () => {
  const { exit, remedy } = failureOf(404, { code: 'PathNotFound', message: 'nothing there' })
  expect([exit, remedy]).toEqual([EXIT.server, expect.stringContaining('sallyport whoami')])
  expect(failureOf(404, { code: 'RequestNotFound', message: 'no' }).exit).toBe(EXIT.notFound)
})
