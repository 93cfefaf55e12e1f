/** Changes the labels of a host, on the version that was read: policies that choose machines by label follow. */
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { call, callWhole } from '../../api/call.ts'
import { useChange } from '../../api/queries.ts'
import type { WireHost } from '../../../contract/host.ts'
import { useText } from '../../language.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { LabelsField } from './enroll-host.tsx'
import { labelsFrom, labelsText } from './host-labels.ts'
import { hostPath } from './host-path.ts'
import { hostMessages } from './hosts.messages.ts'

export function EditLabels({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactNode {
  const text = useText(hostMessages)
  const done = useText(doneMessages)
  const read = useQuery({
    queryKey: ['edited-host', name],
    meta: { isReadOnRequest: true },
    staleTime: Infinity,
    gcTime: 0,
    queryFn: ({ signal }) => callWhole<WireHost>(hostPath(name), { signal }),
  })
  const [changed, setChanged] = useState<string>()
  const value = changed ?? labelsText(read.data?.body.labels ?? {})
  const typed = labelsFrom(value)
  const save = useChange(
    () => {
      const etag = read.data?.etag
      return call(`${hostPath(name)}/labels`, {
        method: 'PUT',
        body: { labels: typed.labels },
        ...(etag === undefined ? {} : { etag }),
      })
    },
    () => done.saved(name),
  )
  return (
    <FormDialog
      title={text.labelsOf(name)}
      submit={text.save}
      isReady={read.data !== undefined && typed.issues.length === 0}
      isPending={save.isPending}
      error={read.error ?? save.error}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <LabelsField value={value} onChange={setChanged} />
    </FormDialog>
  )
}
