/** Tells the reader what becomes of their own access, on whatever page they are. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { call } from '../api/call.ts'
import { nameOf, portText } from '../api/names.ts'
import { useRequests } from '../api/queries.ts'
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { useFormats } from '../formats.ts'
import { useText } from '../language.tsx'
import { newsOf, grantsOf, type OwnNews } from './own-news.ts'
import { partsMessages } from './parts.messages.ts'
import { useTell } from './tell.tsx'

export function TellOwnNews(): ReactNode {
  const { data } = useRequests({ mine: true, live: true, top: 200 })
  const before = useRef<readonly WireRequest[]>(undefined)
  const tellNews = useTellNews()
  const client = useQueryClient()
  useEffect(() => {
    if (data === undefined) return
    const last = before.current
    before.current = data.value
    if (last === undefined) return
    const known = grantsOf(last)
    const look = (grants: readonly WireGrant[]): void => {
      for (const grant of grants) tellNews(newsOf(known.get(grant.id), grant))
    }
    look(data.value.flatMap(({ grants }) => grants))
    const gone = last.filter(({ id }) => !data.value.some((request) => request.id === id))
    for (const { id } of gone)
      client
        .fetchQuery({
          queryKey: [`/api/v1/requests/${id}`],
          queryFn: ({ signal }) => call<WireRequest>(`/api/v1/requests/${id}`, { signal }),
          staleTime: 0,
        })
        .then(({ grants }) => look(grants))
        .catch(() => {}) // what cannot be asked cannot be told; the history shows it
  }, [data, tellNews, client])
  return null
}

function useTellNews(): (news: OwnNews | undefined) => void {
  const tell = useTell()
  const text = useText(partsMessages)
  const formats = useFormats()
  const [path] = useLocation()
  const latest = useRef<(news: OwnNews | undefined) => void>(() => {})
  latest.current = (news) => {
    // The page of a request says itself what becomes of it.
    if (news === undefined || (path === '/request' && news.kind !== 'closed')) return
    const { kind, grant } = news
    const what = text.news[kind]({
      port: portText(grant),
      machine: nameOf(grant.machine),
      until: formats.clock(Date.parse(grant.until)),
    })
    tell(what, kind === 'failed' ? 'error' : kind === 'closed' ? 'info' : 'success')
  }
  const stable = useRef((news: OwnNews | undefined) => latest.current(news))
  return stable.current
}
