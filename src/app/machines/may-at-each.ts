/** Whether a caller may do something at machines, asked of 100,000 of them: what is granted where they lie is looked up once. */
import type { Rights } from '../identity/authorize.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'
import type { Place, PostureRow } from './postures.ts'

export function mayAtEach(rights: Rights, needOf: (place: Place) => ActionChoice): (row: PostureRow) => boolean {
  const known = new Map<Place, 'all' | 'some' | 'none'>()
  const share = (place: Place): 'all' | 'some' | 'none' => {
    const need = needOf(place)
    if (rights.may(need, place.scope)) return 'all'
    return rights.mayWithin(need, place.scope) ? 'some' : 'none'
  }
  return ({ id, place }) => {
    const found = known.get(place) ?? share(place)
    known.set(place, found)
    return found === 'all' || (found === 'some' && rights.may(needOf(place), id))
  }
}
