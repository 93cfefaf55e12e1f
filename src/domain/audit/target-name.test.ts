import { describe, expect, it } from 'vitest'
import { targetNameOf } from './target-name.ts'

const ADA = '01a20297-5d8d-7334-8e3d-60dd44c92244'

describe('what an event is about is called', () => {
  it('as it was called then', () => {
    expect(targetNameOf({ actor: 'root', target: ADA, data: { name: 'ada' } })).toBe('ada')
  })

  it('as who did it, where somebody did it to themselves', () => {
    expect(targetNameOf({ actor: 'ada', target: ADA, data: { actorId: ADA } })).toBe('ada')
  })

  it.each([
    ['the target says it', { actor: 'ada', target: '/subscriptions/s', data: { actorId: ADA } }],
    ['the name is empty', { actor: 'ada', target: ADA, data: { name: '' } }],
    ['nobody is named', { actor: '', target: '', data: { actorId: '' } }],
  ])('nothing where %s', (_, event) => {
    expect(targetNameOf(event)).toBeUndefined()
  })
})
