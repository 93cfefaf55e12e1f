/** Makes or changes a role of one's own. What is wrong is said by the same code that the server judges with. */
import { Field, Input, Textarea } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useChange } from '../../api/queries.ts'
import type { WireRoleDefinition } from '../../../contract/authorization.ts'
import { parseRoleDefinition } from '../../../domain/roles/role-definition.ts'
import { useText } from '../../language.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { useReasonText } from '../../parts/words/reason.tsx'
import { accessMessages } from './access-control.messages.ts'
import { authorizationUrl, ROLE_VERSION } from './scopes.ts'

export function RoleEditor({
  role,
  onClose,
}: {
  readonly role: WireRoleDefinition | undefined
  readonly onClose: () => void
}): ReactNode {
  const text = useText(accessMessages)
  const done = useText(doneMessages)
  const [draft, setDraft] = useState(() => draftFrom(role))
  const written = writtenFrom(draft, role)
  const parsed = parseRoleDefinition(written)
  const reasonText = useReasonText()
  const wrong = (target: string): string | undefined => {
    const found = parsed.ok ? undefined : parsed.refusals.find((each) => each.target?.startsWith(target))
    return found && reasonText(found).text
  }
  const write = useChange(
    () =>
      call(authorizationUrl('/', `roleDefinitions/${role?.name ?? crypto.randomUUID()}`), {
        method: 'PUT',
        query: ROLE_VERSION,
        body: { properties: written },
      }),
    () => done.saved(draft.roleName),
  )
  return (
    <FormDialog
      title={role === undefined ? text.newRole : text.editRole(role.properties.roleName)}
      submit={text.saveRole}
      isReady={parsed.ok}
      isPending={write.isPending}
      error={write.error}
      onSubmit={() => write.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Field label={text.roleName} required>
        <Input value={draft.roleName} onChange={(_, { value }) => setDraft({ ...draft, roleName: value })} />
      </Field>
      <Field label={text.description}>
        <Input value={draft.description} onChange={(_, { value }) => setDraft({ ...draft, description: value })} />
      </Field>
      <Lines
        label={text.may}
        hint={text.actionsHint}
        value={draft.actions}
        wrong={draft.actions === '' ? undefined : wrong('permissions[0].actions')}
        onChange={(actions) => setDraft({ ...draft, actions })}
      />
      <Lines
        label={text.mayNot}
        value={draft.notActions}
        wrong={wrong('permissions[0].notActions')}
        onChange={(notActions) => setDraft({ ...draft, notActions })}
      />
      <Lines
        label={text.assignableAt}
        hint={text.scopesHint}
        value={draft.scopes}
        wrong={draft.scopes === '' ? undefined : wrong('assignableScopes')}
        onChange={(scopes) => setDraft({ ...draft, scopes })}
      />
    </FormDialog>
  )
}

function Lines({
  label,
  hint,
  value,
  wrong,
  onChange,
}: {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly wrong: string | undefined
  readonly onChange: (value: string) => void
}): ReactNode {
  return (
    <Field
      label={label}
      {...(hint === undefined ? {} : { hint })}
      {...(wrong === undefined ? {} : { validationState: 'error', validationMessage: wrong })}
    >
      <Textarea
        resize="vertical"
        rows={3}
        spellCheck={false}
        value={value}
        onChange={(_, data) => onChange(data.value)}
      />
    </Field>
  )
}

interface RoleDraft {
  readonly roleName: string
  readonly description: string
  readonly actions: string
  readonly notActions: string
  readonly scopes: string
}

function draftFrom(role: WireRoleDefinition | undefined): RoleDraft {
  if (role === undefined) return { roleName: '', description: '', actions: '', notActions: '', scopes: '/' }
  const { roleName, description, permissions, assignableScopes } = role.properties
  const [first] = permissions
  return {
    roleName,
    description,
    actions: (first?.actions ?? []).join('\n'),
    notActions: (first?.notActions ?? []).join('\n'),
    scopes: assignableScopes.join('\n'),
  }
}

/** What the form does not show stays as it was. */
function writtenFrom({ roleName, description, ...lists }: RoleDraft, role: WireRoleDefinition | undefined) {
  const [first, ...others] = role?.properties.permissions ?? []
  const permission = { ...first, actions: linesOf(lists.actions), notActions: linesOf(lists.notActions) }
  return { roleName, description, permissions: [permission, ...others], assignableScopes: linesOf(lists.scopes) }
}

function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
