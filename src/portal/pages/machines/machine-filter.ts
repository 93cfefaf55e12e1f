/** What the list of machines is narrowed to: kept in the address, so that going back finds it again. Pure. */
import type { Asked } from '../../api/call.ts'
import { CATEGORIES, type Category } from '../../../domain/posture.ts'

export const A_PAGE = 50

export interface MachineFilter {
  readonly category: Category
  readonly search: string
  readonly os: string
  readonly severity: string
  readonly why: string
  readonly sort: string
  readonly descending: boolean
  readonly page: number
}

const TEXTS = ['search', 'os', 'severity', 'why', 'sort'] as const

export function machineFilterFrom(search: string): MachineFilter {
  const query = new URLSearchParams(search)
  const text = (name: string): string => query.get(name) ?? ''
  const page = Number(text('page'))
  return {
    category: CATEGORIES.find((category) => category === text('tab')) ?? 'configured',
    search: text('search'),
    os: text('os'),
    severity: text('severity'),
    why: text('why'),
    sort: text('sort'),
    descending: text('descending') === 'true',
    page: Number.isInteger(page) && page > 0 ? page : 0,
  }
}

export function machineSearchOf(filter: MachineFilter): string {
  const query = new URLSearchParams(filter.category === 'configured' ? {} : { tab: filter.category })
  for (const name of TEXTS) if (filter[name] !== '') query.set(name, filter[name])
  if (filter.descending) query.set('descending', 'true')
  if (filter.page > 0) query.set('page', String(filter.page))
  return query.toString()
}

export function machineQueryOf({ category, descending, page, ...texts }: MachineFilter): NonNullable<Asked['query']> {
  const given = Object.entries(texts).filter(([, value]) => value !== '')
  return {
    ...Object.fromEntries(given),
    category,
    top: A_PAGE,
    ...(page > 0 ? { skip: page * A_PAGE } : {}),
    ...(descending ? { descending: true } : {}),
  }
}
