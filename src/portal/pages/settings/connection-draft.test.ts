import { describe, expect, it } from 'vitest'
import type { WireConnection, WireConnectionSettings } from '../../../contract/connection.ts'
import { bodyFrom, draftFrom, EMPTY_DRAFT, missingIn, type ConnectionDraft } from './connection-draft.ts'

const ROLE = 'arn:aws:iam::123456789012:role/sallyport'

const AZURE: WireConnectionSettings = {
  kind: 'azure',
  drift: 'report',
  refreshEvery: 'PT1H',
  cloud: { name: 'custom', endpoint: 'https://arm.example', authority: 'https://login.example' },
  tenant: 'contoso.example',
  subscriptions: ['11111111-1111-4111-8111-111111111111'],
  credential: { kind: 'workloadIdentity', clientId: 'c', tokenFile: '/run/token' },
  firewallPolicies: true,
  bands: { allow: { from: 100, to: 200 }, deny: { from: 300, to: 400 } },
}

const AWS: WireConnectionSettings = {
  kind: 'aws',
  drift: 'repair',
  refreshEvery: 'PT5M',
  credential: { kind: 'staticKeys', accessKeyId: 'AKIA' },
  accounts: [{ account: '123456789012', roleArn: ROLE, externalId: 'shared' }],
  regions: ['eu-west-1'],
  belt: true,
}

function aConnection(settings: WireConnectionSettings, hasSecret = false): WireConnection {
  return {
    id: '/x',
    name: 'prod',
    kind: settings.kind,
    settings,
    hasSecret,
    version: 1,
    createdAt: '',
    updatedAt: '',
    inventory: { state: 'fresh', machines: 0, warnings: [] },
  }
}

/** As it would reach the server. */
function sent(draft: ConnectionDraft, before: WireConnection): unknown {
  return JSON.parse(JSON.stringify(bodyFrom(draft, before)))
}

describe('a connection that is opened and saved without a change', () => {
  it.each([
    ['Azure', AZURE],
    ['AWS', AWS],
  ])('is sent as it was, with all that the form does not show: %s', (_, settings) => {
    const before = aConnection(settings)
    expect(sent(draftFrom(before), before)).toEqual({ settings })
  })
})

describe('a change', () => {
  it('is of what was typed, and of nothing else', () => {
    const before = aConnection(AWS)
    const other = 'arn:aws:iam::210987654321:role/sallyport'
    const draft = { ...draftFrom(before), roles: `${ROLE}\n${other}`, drift: 'report' as const }
    const accounts = [...AWS.accounts, { account: '210987654321', roleArn: other }]
    expect(sent(draft, before)).toEqual({ settings: { ...AWS, drift: 'report', accounts } })
  })

  it('of how to sign in leaves nothing of the other way behind', () => {
    const before = aConnection(AZURE)
    const draft = { ...draftFrom(before), azureCredential: 'managedIdentity' as const, clientId: '' }
    expect(sent(draft, before)).toEqual({ settings: { ...AZURE, credential: { kind: 'managedIdentity' } } })
  })
})

describe('a secret', () => {
  it('that is kept stays when its field stays empty', () => {
    const before = aConnection(AWS, true)
    expect(missingIn(draftFrom(before), before)).toEqual([])
    expect(sent(draftFrom(before), before)).toEqual({ settings: AWS })
    expect(sent({ ...draftFrom(before), secret: 'new' }, before)).toEqual({ settings: AWS, secret: 'new' })
  })

  it('is asked for where there is none, or one for another way to sign in', () => {
    expect(missingIn(draftFrom(aConnection(AWS)), aConnection(AWS))).toEqual(['secret'])
    const before = aConnection(AZURE, true)
    expect(missingIn({ ...draftFrom(before), azureCredential: 'clientSecret' }, before)).toEqual(['secret'])
    const fresh = { ...EMPTY_DRAFT, name: 'new', tenant: 't', subscriptions: 's', clientId: 'c' }
    expect(missingIn({ ...fresh, azureCredential: 'certificate' })).toEqual(['secret'])
  })
})
