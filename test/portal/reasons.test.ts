/** Whatever reason the portal may meet, it has words for it in Dutch and Chinese; English is the server's own sentence, but for times. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/domain/policy/policy.ts'
import { postureOf } from '../../src/domain/posture.ts'
import { refusal, withFacts, type Refusal } from '../../src/domain/refusal.ts'
import { decide } from '../../src/domain/access/request.ts'
import { CHECK_SENTENCES } from '../../src/domain/check.ts'
import { FAILURE_SENTENCES } from '../../src/domain/access/failure.ts'
import { STEP_SENTENCES, stepFrom, tellStep } from '../../src/domain/access/step.ts'
import type { Sentence } from '../../src/domain/sentence.ts'
import { formatInstant, HOUR } from '../../src/domain/time.ts'
import { STATUS_OF_CODE } from '../../src/server/errors.ts'
import { machineId } from './stage.ts'

const TRANSLATED = ['nl', 'zh-TW'] as const

type Words = Readonly<Record<string, string | readonly string[]>>

interface Portal {
  readonly reasonMessages: Readonly<Record<'en' | (typeof TRANSLATED)[number], Words>>
  readonly stepMessages: Portal['reasonMessages']
  readonly failureMessages: Portal['reasonMessages']
  readonly checkMessages: Portal['reasonMessages']
  readonly factWords: Portal['reasonMessages']
  readonly wordedReason: (
    reason: Omit<Refusal, 'message' | 'code'> & Partial<Sentence>,
    of: { words: Words; factWords?: Words; formats: object },
  ) => { text: string; quotes: readonly string[] } | undefined
}

// Compiled for the browser, these cannot be imported by name where Node.js' types are.
const files = [
  'parts/words/reason-words.ts',
  'parts/words/reasons.messages.ts',
  'parts/words/steps.messages.ts',
  'parts/words/failures.messages.ts',
  'parts/words/checks.messages.ts',
  'parts/words/fact-words.messages.ts',
]
const modules: object[] = await Promise.all(
  files.map((file) => import(join(import.meta.dirname, '../../src/portal', file))),
)
const { reasonMessages, stepMessages, failureMessages, checkMessages, factWords, wordedReason }: Portal = Object.assign(
  {},
  ...modules,
)

const CATALOGUES = {
  STEP_SENTENCES: { sentences: STEP_SENTENCES, words: stepMessages },
  FAILURE_SENTENCES: { sentences: FAILURE_SENTENCES, words: failureMessages },
  CHECK_SENTENCES: { sentences: CHECK_SENTENCES, words: checkMessages },
}

function said(language: 'en' | (typeof TRANSLATED)[number], reason: Refusal): string | undefined {
  const hours = new Intl.NumberFormat(language, { style: 'unit', unit: 'hour', unitDisplay: 'long' })
  const formats = { span: (millis: number) => hours.format(millis / HOUR), moment: (at: number) => formatInstant(at) }
  return wordedReason(reason, { words: reasonMessages[language], formats })?.text
}

function saidOfStep(language: 'en' | (typeof TRANSLATED)[number], step: Sentence): string | undefined {
  const formats = { span: String, moment: formatInstant }
  return wordedReason(step, { words: stepMessages[language], factWords: factWords[language], formats })?.text
}

function factsIn(wording: string | readonly string[] | undefined): string[] {
  return [wording ?? []].flat().flatMap((text) => [...text.matchAll(/\{([\w:]+)\}/g)].map(([, name = '']) => name))
}

describe.each(TRANSLATED)('in %s', (language) => {
  it('every code that an answer may carry has words', () => {
    const words = reasonMessages[language]
    expect(Object.keys(STATUS_OF_CODE).filter((code) => !Object.hasOwn(words, code))).toEqual([])
    expect(Object.keys(STATUS_OF_CODE).length).toBeGreaterThan(100)
  })

  it('why a machine is as it is has words, whatever the reason', () => {
    const unsupported = refusal('NoSecurityGroup', '')
    const exposure = { address: '10.0.0.4', port: 22, protocol: 'TCP', letIn: 'yes', from: ['*'], grants: [] } as const
    const through = [{ rule: 'allow-ssh', priority: 100, of: 'web1-nsg' }]
    const base = { isConfigured: false, isPlanOn: true, exposures: [] }
    const postures = [
      base,
      { ...base, isConfigured: true },
      { ...base, isConfigured: true, unsupported },
      { ...base, isConfigured: true, unreachableSince: 0 },
      { ...base, unsupported },
      { ...base, isPlanOn: false },
      { ...base, power: 'stopped' as const },
      { ...base, exposures: undefined },
      ...(['everybody', 'some'] as const).flatMap((breadth) =>
        (['yes', 'maybe'] as const).flatMap((letIn) =>
          [undefined, '203.0.113.4'].map((publicAddress) => ({
            ...base,
            exposures: [{ ...exposure, through, letIn, breadth, ...(publicAddress && { publicAddress }) }],
          })),
        ),
      ),
    ].map(postureOf)
    const mute = postures.filter(({ because }) => said(language, { message: '', ...because }) === undefined)
    expect(mute.map(({ because }) => because)).toEqual([])
    expect(new Set(postures.map(({ because }) => because.code)).size).toBe(12)
  })

  it('a refusal speaks of what it is about', () => {
    const id = machineId('web1')
    const rule = { number: 22, protocol: 'TCP', maxRequestAccessDuration: 'PT3H' }
    const policy = parsePolicy('p', [{ id, ports: [{ ...rule, allowedSourceAddressPrefix: '10.0.0.0/8' }] }])
    const ports = [{ number: 22, duration: 'PT4H', allowedSourceAddressPrefix: '192.0.2.1' }]
    const asked = { virtualMachines: [{ id, ports }] }
    if (!policy.ok) throw new Error('expected a policy')
    const decision = decide(policy.value, asked, { now: 0, callerAddress: '192.0.2.1', ipv6: 'allowed' })
    const texts = decision.ok ? [] : decision.refusals.map((reason) => said(language, reason))
    expect(texts).toEqual(
      language === 'nl'
        ? [
            'Poort 22 mag hoogstens 3 uur open; u vraagt 4 uur.',
            'Poort 22 mag worden geopend voor 10.0.0.0/8, niet voor 192.0.2.1.',
          ]
        : ['連接埠 22 最多可開放 3 小時；您要求了 4 小時。', '連接埠 22 可對 10.0.0.0/8 開啟，不可對 192.0.2.1 開啟。'],
    )
  })

  it('a step of a plan is said whole, with what else is to be said of it', () => {
    const ends = tellStep('EndsRuleOfHost', { rule: 'table inet filter', source: 'anywhere' })
    const step = tellStep('CloseOnHost', { port: '22/TCP', policy: 'default' }, [ends])
    expect(saidOfStep(language, step)).toBe(
      language === 'nl'
        ? '22/TCP op deze host sluiten (beleid default); table inet filter laat verkeer van overal toe, en dat eindigt nu'
        : '關閉此主機的 22/TCP (原則 default)；table inet filter 原本接受來自任何來源的流量，現在起失效',
    )
    const set = tellStep('SetMissing', { set: 'managed' })
    expect(saidOfStep(language, tellStep('WriteTable', {}, [set]))).toMatch(/(: |：)\S/)
    expect(saidOfStep(language, tellStep('WriteTable', {}))).not.toMatch(/[:：]/)
    expect(saidOfStep(language, { text: 'kept before there were codes' })).toBeUndefined()
  })

  it('what a host says itself stays as it said it', () => {
    const formats = { span: String, moment: formatInstant }
    const said = stepFrom({ text: 'wake the dog' })
    expect(said.text).toBe('wake the dog')
    expect(wordedReason(said, { words: stepMessages[language], formats })?.quotes).toEqual(['wake the dog'])
  })

  it.each(['STEP_SENTENCES', 'FAILURE_SENTENCES', 'CHECK_SENTENCES'] as const)(
    'what is said of %s speaks of the same facts as the sentence of the server',
    (catalogue) => {
      const { sentences, words } = CATALOGUES[catalogue]
      const names = (text: string): string[] => [...new Set(factsIn(text))].toSorted()
      for (const [code, sentence] of Object.entries(sentences))
        expect([code, names(String(words[language][code]))]).toEqual([code, names(sentence)])
    },
  )

  it('a fact that did not come is not spoken of', () => {
    const [whole, bare] = [withFacts(refusal('NameTaken', ''), { name: 'Ada' }), refusal('NameTaken', '')]
    expect(said(language, whole)).toContain('Ada')
    expect(said(language, bare)).not.toMatch(/[{}]/)
  })
})

it('English writes times for people too, and leaves all else to the server', () => {
  const tooLong = withFacts(refusal('DurationTooLong', ''), { port: 22, longest: 'PT3H', asked: 'PT10H' })
  expect(said('en', tooLong)).toBe('Port 22 may be open for at most 3 hours; you asked for 10 hours.')
  expect(said('en', refusal('DurationTooLong', ''))).toBeUndefined()
  const withTimes = Object.entries(reasonMessages.nl).filter(([, wording]) =>
    factsIn(wording).some((fact) => /:(span|moment)$/.test(fact)),
  )
  expect(Object.keys(reasonMessages.en).toSorted()).toEqual(withTimes.map(([code]) => code).toSorted())
})

it('Dutch and Chinese have the same codes, and speak of the same facts', () => {
  const { nl, 'zh-TW': chinese } = reasonMessages
  const facts = (words: typeof nl): [string, string[]][] =>
    Object.entries(words).map(([code, wording]) => [code, factsIn(wording).toSorted()])
  expect(facts(chinese)).toEqual(facts(nl))
})

it('a machine with a Chinese name leaves the sentence in the language that it is in', () => {
  const beneath = tellStep('OneBeneath', { rules: 'allow-ssh' })
  const step = tellStep('ProtectByRule', { ports: '22', machine: '網頁', rule: 'ours', priority: 100 }, [beneath])
  expect(saidOfStep('nl', step)).toContain('; ')
  expect(saidOfStep('zh-TW', step)).toContain('；')
})
