/** One port of one machine in the form: on or off, from where, for how long, and why not. */
import { Field, Input, makeStyles, Radio, RadioGroup, Slider, Switch, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { portText } from '../../api/names.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { useReasonText } from '../../parts/words/reason.tsx'
import { requestMessages } from './request.messages.ts'
import { fieldOf, longestOf, type PlacedRefusal, type PortWish } from './wish.ts'

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(11rem, 1fr) minmax(14rem, 2fr) minmax(12rem, 2fr)',
    gap: tokens.spacingHorizontalL,
    alignItems: 'start',
    paddingBlock: tokens.spacingVerticalS,
    ':not(:first-child)': { borderTop: `1px solid ${tokens.colorNeutralStroke3}` },
    '@media (max-width: 60rem)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  time: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  slider: { flex: '1 1 8rem', minWidth: 0 },
  minutes: { width: '9rem' },
  unit: { whiteSpace: 'nowrap' },
  reasons: { gridColumn: '1 / -1', color: tokens.colorPaletteRedForeground1, margin: 0 },
})

const MINUTE = 60_000
const STEP = 15 * MINUTE

export function PortRow({
  wish,
  address,
  refusals,
  onChange,
}: {
  readonly wish: PortWish
  readonly address: string
  readonly refusals: readonly PlacedRefusal[]
  readonly onChange: (wish: PortWish) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const reasonText = useReasonText()
  const { port, machine, isOn } = wish
  const name = portText({ port: port.number, protocol: port.protocol })
  const saidOf = (field: ReturnType<typeof fieldOf>): string =>
    refusals
      .filter((one) => fieldOf(one) === field)
      .map((one) => (one.code === 'NoSource' ? text.noSource : reasonText(one).text))
      .join(' ')
  const ofAll = saidOf('port')
  return (
    <div className={styles.row} role="group" aria-label={text.on(name, machine.name)}>
      <Switch
        label={name}
        aria-label={text.on(name, machine.name)}
        checked={isOn}
        onChange={(_, { checked }) => onChange({ ...wish, isOn: checked })}
      />
      {isOn ? (
        <>
          <SourceField wish={wish} address={address} wrong={saidOf('source')} onChange={onChange} />
          <DurationField wish={wish} wrong={saidOf('duration')} onChange={onChange} />
        </>
      ) : null}
      {ofAll === '' ? null : (
        <Text as="p" role="alert" className={styles.reasons}>
          {ofAll}
        </Text>
      )}
    </div>
  )
}

interface FieldProps {
  readonly wish: PortWish
  /** What is wrong with it, in sentences; empty if nothing is. */
  readonly wrong: string
  readonly onChange: (wish: PortWish) => void
}

/** The words beside a field, read out when they come. */
function problem(wrong: string): { readonly validationState?: 'error'; readonly validationMessage?: string } {
  return wrong === '' ? {} : { validationState: 'error', validationMessage: wrong }
}

function SourceField({ wish, address, wrong, onChange }: FieldProps & { readonly address: string }): ReactNode {
  const text = useText(requestMessages)
  return (
    <div>
      <Field label={text.source} {...(wish.source === 'mine' ? problem(wrong) : {})}>
        <RadioGroup
          value={wish.source}
          onChange={(_, { value }) => onChange({ ...wish, source: value === 'mine' ? 'mine' : 'ranges' })}
        >
          <Radio value="mine" label={text.mine(address)} />
          <Radio value="ranges" label={text.ranges} />
        </RadioGroup>
      </Field>
      {wish.source === 'ranges' ? (
        <Field label={text.rangesLabel} hint={text.rangesHint} {...problem(wrong)}>
          <Input
            value={wish.ranges}
            spellCheck={false}
            onChange={(_, { value }) => onChange({ ...wish, ranges: value })}
          />
        </Field>
      ) : null}
    </div>
  )
}

function DurationField({ wish, wrong, onChange }: FieldProps): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const formats = useFormats()
  const longest = longestOf(wish.port)
  const step = Math.min(STEP, longest)
  const says = text.durationOf(formats.span(wish.millis), formats.span(longest))
  return (
    <Field label={text.duration} hint={says} {...problem(wrong)}>
      {(field) => (
        <div className={styles.time}>
          <Slider
            {...field}
            className={styles.slider}
            min={step}
            max={longest}
            step={step}
            value={Math.min(wish.millis, longest)}
            aria-valuetext={says}
            onChange={(_, { value }) => onChange({ ...wish, millis: Math.min(value, longest) })}
          />
          <Input
            type="number"
            className={styles.minutes}
            aria-label={text.inMinutes}
            aria-describedby={field['aria-describedby']}
            aria-invalid={field['aria-invalid']}
            contentAfter={{ className: styles.unit, children: text.minutes }}
            min={1}
            value={wish.millis === 0 ? '' : String(wish.millis / MINUTE)}
            onChange={(_, { value }) => onChange({ ...wish, millis: Math.round(Number(value) * 60) * 1_000 })}
          />
        </div>
      )}
    </Field>
  )
}
