import { expect, test } from 'vitest'
import { networkReason } from './network-reason.ts'

const failed = (code: string): Error => new Error('the call failed', { cause: Object.assign(new Error('x'), { code }) })

test('why a server cannot be spoken to is told in words, and an unknown reason as it came', () => {
  const told = ['ECONNREFUSED', 'ECONNRESET', 'EPROTO', 'HPE_INVALID_CONSTANT', 'EWEIRD'].map((code) =>
    networkReason(failed(code)),
  )
  expect(told).toEqual([
    'connection refused',
    'the connection broke off',
    'what listens there speaks no TLS: is it http:// there?',
    'what listens there speaks no HTTP: is it https:// there?',
    'EWEIRD',
  ])
  expect(networkReason(new Error('outer', { cause: new Error('inner') }))).toBe('inner')
  expect(networkReason(new Error('outer'))).toBe('outer')
  expect(networkReason('odd')).toBe('odd')
})
