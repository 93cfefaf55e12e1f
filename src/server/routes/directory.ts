/** The little of Microsoft Graph that Azure's command line asks for, to put names to ids and ids to names. */
import type { App } from '../../app/app.ts'
import {
  entryWithId,
  findDirectoryObjects,
  programNamed,
  userNamed,
  type DirectoryEntry,
} from '../../app/identity/find-directory-objects.ts'
import type { DirectoryObject, DirectoryObjectList } from '../../contract/directory-object.ts'
import { refusal, type Result } from '../../domain/refusal.ts'
import { answered, type Answer } from '../answer.ts'
import type { Handlers } from '../call.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'

type DirectoryRoutes = Pick<Handlers, 'Graph_GetByIds' | 'Graph_FindServicePrincipals' | 'Graph_FindUsers'>

export function directoryRoutes(app: App): DirectoryRoutes {
  return {
    Graph_GetByIds: async ({ body, caller }) => {
      const ids = [...new Set(body.ids)]
      const kinds = body.types?.map((type) => type.toLowerCase())
      const found = await findDirectoryObjects(app, caller, (identity) =>
        Promise.all(ids.map((id) => entryWithId(identity, id))),
      )
      return listAnswer(found, ({ kind }) => kinds === undefined || kinds.includes(GRAPH_TYPE[kind].toLowerCase()))
    },
    Graph_FindServicePrincipals: async ({ query, caller }) => {
      const name = nameIn(query.$filter ?? '')
      if (name === undefined) return badFilter()
      return listAnswer(
        await findDirectoryObjects(app, caller, async (identity) => [await programNamed(identity, name)]),
      )
    },
    Graph_FindUsers: async ({ query, caller }) => {
      const name = nameIn(query.$filter ?? '')
      if (name === undefined) return badFilter()
      return listAnswer(await findDirectoryObjects(app, caller, async (identity) => [await userNamed(identity, name)]))
    },
  }
}

/** `userPrincipalName eq 'X'`, `servicePrincipalNames/any(c:c eq 'X')`; a quote in the text is doubled (OData). */
function nameIn(filter: string): string | undefined {
  const simple = /^\(?\s*(?:userPrincipalName|mail|id|appId)\s+eq\s+'((?:[^']|'')*)'\s*\)?$/i.exec(filter)
  const any = /^servicePrincipalNames\/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'((?:[^']|'')*)'\s*\)$/i.exec(filter)
  return (simple?.[1] ?? any?.[2])?.replaceAll("''", "'")
}

function badFilter(): Answer {
  const expected = "userPrincipalName eq 'X', appId eq 'X' or servicePrincipalNames/any(c:c eq 'X')"
  return errorAnswer(refusal('InvalidFilter', `the $filter should be ${expected}`, '$filter'))
}

function listAnswer(
  found: Result<readonly DirectoryEntry[]>,
  isWanted: (entry: DirectoryEntry) => boolean = () => true,
): Answer {
  if (!found.ok) return refusedAnswer(found.refusals)
  const list: DirectoryObjectList = { value: found.value.filter(isWanted).map(objectFrom) }
  return answered(list)
}

const GRAPH_TYPE = { user: 'user', group: 'group', program: 'servicePrincipal' } as const

function objectFrom(entry: DirectoryEntry): DirectoryObject {
  const type = `#microsoft.graph.${GRAPH_TYPE[entry.kind]}` as const
  switch (entry.kind) {
    case 'user': {
      const { id, name, displayName } = entry.user
      return { '@odata.type': type, id, displayName, userPrincipalName: name }
    }
    case 'group':
      return { '@odata.type': type, id: entry.group.id, displayName: entry.group.name }
    case 'program': {
      const { id, appId, name } = entry.principal
      return { '@odata.type': type, id, displayName: name, appId, servicePrincipalNames: [appId] }
    }
  }
}
