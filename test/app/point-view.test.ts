import { describe, expect, it } from 'vitest'
import { PointView } from '../../src/app/convergence/point-view.ts'
import type { GrantAtPoint } from '../../src/app/ports/rows.ts'
import { slotsOf } from '../../src/domain/access/hole.ts'
import { aGrant } from '../support/builders.ts'

function atPoint(grant: string, from: string | readonly string[] = '10.0.0.5'): GrantAtPoint {
  return { grant: aGrant({ grant, from }), sighting: 'held', revision: 1, points: 1 }
}

const shared = new Set(slotsOf(atPoint('any').grant))
const namesIn = (view: PointView): string[] => view.within(shared).map(({ grant }) => grant.grant)

describe('what is remembered of a point', () => {
  it('names everybody who has access from one place, until each has gone', () => {
    const view = new PointView()
    const [first, second, third] = [atPoint('g1'), atPoint('g2', ['10.0.0.6', '10.0.0.5']), atPoint('g3')]
    view.merge([first])
    expect(namesIn(view)).toEqual(['g1'])
    view.merge([first, second, third])
    expect(namesIn(view).sort()).toEqual(['g1', 'g2', 'g3'])
    view.remove(first)
    expect(namesIn(view).sort()).toEqual(['g2', 'g3'])
    view.remove(third)
    view.remove(first)
    expect(namesIn(view)).toEqual(['g2'])
    view.remove(second)
    expect(namesIn(view)).toEqual([])
    expect(view.size).toBe(0)
  })

  it('is not shaken by one who goes twice from where somebody else has access alone', () => {
    const view = new PointView()
    view.merge([atPoint('g1')])
    view.remove(atPoint('g2'))
    expect(namesIn(view)).toEqual(['g1'])
  })
})
