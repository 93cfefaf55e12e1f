/** The filters over the activity log: time, person, machine, operation, outcome. */
import { Button, Combobox, Field, Input, makeStyles, Option, Select, Tag, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useMachineNames, useMachinesLike } from '../../api/machines.ts'
import { AUDIT_CATALOGUE, AUDIT_OUTCOMES } from '../../../domain/audit/audit-catalogue.ts'
import type { AuditAction } from '../../../domain/audit/audit.ts'
import { useText } from '../../language.tsx'
import { useOpener } from '../../parts/opener.ts'
import { actionNames, activityMessages } from './activity.messages.ts'
import { instantFrom, localTimeFrom, PERIODS, type ActivityFilter } from './activity-filter.ts'

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'end',
    // A field is at most as wide as the page, however long what can be chosen in it is.
    '& > *': { minWidth: 0, maxWidth: '100%' },
    '& .fui-Select, & select': { minWidth: 0 },
  },
})

interface FilterProps {
  readonly filter: ActivityFilter
  readonly onChange: (filter: ActivityFilter) => void
}

export function Filters({ filter, onChange, onClear }: FilterProps & { readonly onClear: () => void }): ReactNode {
  const styles = useStyles()
  const text = useText(activityMessages)
  const names = useText(actionNames)
  const actions = Object.keys(AUDIT_CATALOGUE) as AuditAction[] // the record's own keys
  return (
    <div className={styles.bar} role="search" aria-label={text.filters}>
      <Field label={text.period}>
        <Select
          value={filter.period}
          // Our own options.
          onChange={(_, { value }) => onChange(withPeriod(filter, value as keyof typeof PERIODS))}
        >
          {Object.entries(text.periods).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      {filter.period === 'between' ? (
        <>
          <TimeField
            key={`since ${filter.since}`}
            label={text.since}
            instant={filter.since}
            onChange={(since) => onChange({ ...filter, since })}
          />
          <TimeField
            key={`until ${filter.until}`}
            label={text.until}
            instant={filter.until}
            onChange={(until) => onChange({ ...filter, until })}
          />
        </>
      ) : null}
      <PersonField key={filter.actor} filter={filter} onChange={onChange} />
      <MachineField filter={filter} onChange={onChange} />
      <Field label={text.operation}>
        <Select value={filter.action} onChange={(_, { value }) => onChange({ ...filter, action: value })}>
          <option value="">{text.anyOperation}</option>
          {actions.map((action) => (
            <option key={action} value={action}>
              {names[action] ?? action}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={text.outcome}>
        <Select value={filter.outcome} onChange={(_, { value }) => onChange({ ...filter, outcome: value })}>
          <option value="">{text.anyOutcome}</option>
          {AUDIT_OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome}>
              {text.outcomes[outcome]}
            </option>
          ))}
        </Select>
      </Field>
      {filter.request === '' ? null : <Tag>{text.oneRequest}</Tag>}
      <Button appearance="subtle" onClick={onClear}>
        {text.clear}
      </Button>
    </div>
  )
}

/** What was shown until now is where the choice of one's own times begins. */
function withPeriod(filter: ActivityFilter, period: keyof typeof PERIODS): ActivityFilter {
  if (period !== 'between') return { ...filter, period, since: '', until: '' }
  const [first, end] = [new Date(Date.now() - (PERIODS[filter.period] ?? PERIODS.week)), new Date()]
  first.setHours(0, 0, 0, 0)
  end.setHours(24, 0, 0, 0)
  return { ...filter, period, since: first.toISOString(), until: end.toISOString() }
}

/** In the reader's own time. Asked when it is finished, like the others. */
function TimeField({
  label,
  instant,
  onChange,
}: {
  readonly label: string
  readonly instant: string
  readonly onChange: (instant: string) => void
}): ReactNode {
  const [typed, setTyped] = useState(localTimeFrom(instant))
  const finish = (): void => {
    const chosen = instantFrom(typed)
    if (chosen !== instant) onChange(chosen)
  }
  return (
    <Field label={label}>
      <Input
        type="datetime-local"
        value={typed}
        onChange={(_, { value }) => setTyped(value)}
        onBlur={finish}
        onKeyDown={({ key }) => (key === 'Enter' ? finish() : undefined)}
      />
    </Field>
  )
}

/** Asked when it is finished: every question is on record. */
function PersonField({ filter, onChange }: FilterProps): ReactNode {
  const text = useText(activityMessages)
  const [typed, setTyped] = useState(filter.actor)
  const finish = (): void => {
    if (typed.trim() !== filter.actor) onChange({ ...filter, actor: typed.trim() })
  }
  return (
    <Field label={text.person}>
      <Input
        value={typed}
        onChange={(_, { value }) => setTyped(value)}
        onBlur={finish}
        onKeyDown={({ key }) => (key === 'Enter' ? finish() : undefined)}
      />
    </Field>
  )
}

function MachineField({ filter, onChange }: FilterProps): ReactNode {
  const text = useText(activityMessages)
  const opener = useOpener()
  const [typed, setTyped] = useState<string>()
  const found = useMachinesLike(typed ?? '')
  const called = useMachineNames([filter.machine])
  return (
    <Field label={text.machine}>
      <Combobox
        freeform
        expandIcon={opener}
        clearable
        placeholder={text.anyMachine}
        value={typed ?? (filter.machine === '' ? '' : called(filter.machine))}
        selectedOptions={filter.machine === '' ? [] : [filter.machine]}
        onChange={({ target }) => setTyped(target.value)}
        onOptionSelect={(_, { optionValue }) => {
          // Undefined also at the first key, which is not to be lost.
          if (optionValue !== undefined) setTyped(undefined)
          onChange({ ...filter, machine: optionValue ?? '' })
        }}
      >
        {found.data?.value.map((machine) => (
          <Option key={machine.id} value={machine.id} text={machine.name}>
            {machine.name}
          </Option>
        ))}
      </Combobox>
    </Field>
  )
}
