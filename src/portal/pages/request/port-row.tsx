/** One port of one machine in the form: on or off, from where, for how long, and why not. */
import { Field, Input, makeStyles, Radio, RadioGroup, Slider, Switch, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { portText } from '../../api/names.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { requestMessages } from './request.messages.ts'
import { longestOf, type PortWish } from './wish.ts'

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(11rem, 1fr) minmax(14rem, 2fr) minmax(12rem, 2fr)',
    gap: tokens.spacingHorizontalL,
    alignItems: 'start',
    paddingBlock: tokens.spacingVerticalS,
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    '@media (max-width: 60rem)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  reasons: { gridColumn: '1 / -1', color: tokens.colorPaletteRedForeground1, margin: 0 },
})

const STEP = 15 * 60_000

export function PortRow({
  wish,
  address,
  refusals,
  onChange,
}: {
  readonly wish: PortWish
  readonly address: string
  readonly refusals: readonly Refusal[]
  readonly onChange: (wish: PortWish) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const { port, machine, isOn } = wish
  const name = portText({ port: port.number, protocol: port.protocol })
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
          <SourceField wish={wish} address={address} onChange={onChange} />
          <DurationField wish={wish} onChange={onChange} />
        </>
      ) : null}
      {refusals.length === 0 ? null : (
        <Text as="p" role="alert" className={styles.reasons}>
          {refusals.map(({ code, message }) => (code === 'NoSource' ? text.noSource : message)).join(' ')}
        </Text>
      )}
    </div>
  )
}

interface FieldProps {
  readonly wish: PortWish
  readonly onChange: (wish: PortWish) => void
}

function SourceField({ wish, address, onChange }: FieldProps & { readonly address: string }): ReactNode {
  const text = useText(requestMessages)
  return (
    <div>
      <Field label={text.source}>
        <RadioGroup
          value={wish.source}
          onChange={(_, { value }) => onChange({ ...wish, source: value === 'mine' ? 'mine' : 'ranges' })}
        >
          <Radio value="mine" label={text.mine(address)} />
          <Radio value="ranges" label={text.ranges} />
        </RadioGroup>
      </Field>
      {wish.source === 'ranges' ? (
        <Field label={text.rangesLabel} hint={text.rangesHint}>
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

function DurationField({ wish, onChange }: FieldProps): ReactNode {
  const text = useText(requestMessages)
  const formats = useFormats()
  const longest = longestOf(wish.port)
  const step = Math.min(STEP, longest)
  const says = text.durationOf(formats.span(wish.millis), formats.span(longest))
  return (
    <Field label={text.duration} hint={says}>
      <Slider
        min={step}
        max={longest}
        step={step}
        value={wish.millis}
        aria-valuetext={says}
        onChange={(_, { value }) => onChange({ ...wish, millis: Math.min(value, longest) })}
      />
    </Field>
  )
}
