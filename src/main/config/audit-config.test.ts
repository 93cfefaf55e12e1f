import { describe, expect, it } from 'vitest'
import { auditSettings, auditSinkList } from './audit-config.ts'

const syslog = { name: 'siem', type: 'syslog', address: 'siem.example.org:601' }
const webhook = { name: 'hook', type: 'webhook', url: 'https://hooks.example.org/x', secretFile: '/s' }
const file = { name: 'file', type: 'file', path: '/var/log/audit.jsonl' }

describe('the sinks of the configuration', () => {
  it('need little to be said', () => {
    expect(auditSinkList.parse([syslog, webhook, file])).toMatchObject([
      { transport: 'tcp', facility: 13 },
      { url: 'https://hooks.example.org/x' },
      { keep: 10 },
    ])
  })

  it.each([
    ['two with one name', [syslog, { ...file, name: 'siem' }]],
    ['a webhook in clear text', [{ ...webhook, url: 'http://hooks.example.org/x' }]],
    ['a webhook with its secret in the configuration', [{ ...webhook, secret: 'x' }]],
    ['a file that depends on where the server was started', [{ ...file, path: 'audit.jsonl' }]],
    ['a receiver without a port', [{ ...syslog, address: 'siem.example.org' }]],
    ['a kind that there is not', [{ ...file, type: 'carrier pigeon' }]],
  ])('are refused: %s', (_, sinks) => {
    expect(auditSinkList.safeParse(sinks).success).toBe(false)
  })

  it('may be a webhook on this machine without TLS', () => {
    expect(auditSinkList.safeParse([{ ...webhook, url: 'http://127.0.0.1:1/x' }]).success).toBe(true)
  })
})

describe('the settings of the audit trail', () => {
  it('keep events for ever unless they say otherwise', () => {
    expect(auditSettings.parse(undefined)).toEqual({ checkpointEvents: 1_000, checkpointEvery: 300_000 })
  })

  it('keep events for at least a day', () => {
    expect(auditSettings.safeParse({ retention: 'PT1H' }).success).toBe(false)
    expect(auditSettings.parse({ retention: 'P365D' }).retention).toBe(365 * 86_400_000)
  })
})
