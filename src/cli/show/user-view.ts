/** A user that was made or changed, with what is shown only once. */
import type { WireMadeUser } from '../../contract/identity.ts'
import { showFacts } from './facts.ts'
import type { Screen } from '../session.ts'

export async function showMadeUser(screen: Screen, made: WireMadeUser): Promise<void> {
  const { user, password, keyUri } = made
  if (screen.format !== 'table') return screen.show({ data: made, rows: [made], columns: COLUMNS })
  const state = user.disabled ? 'disabled' : 'enabled'
  showFacts(screen, [
    ['Name', user.name],
    ['Id', user.id],
    ['State', state],
    ['Password', password],
    ['For the authenticator app', keyUri],
  ])
}

const COLUMNS = [
  { title: 'NAME', text: ({ user }: WireMadeUser) => user.name },
  { title: 'ID', text: ({ user }: WireMadeUser) => user.id },
  { title: 'PASSWORD', text: ({ password }: WireMadeUser) => password ?? '' },
]
