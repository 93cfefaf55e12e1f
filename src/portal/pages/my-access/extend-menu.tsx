/** For how long from now an open port shall stay open: what the policy allows, and ends later than now agreed. */
import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { nameOf, portText } from '../../api/names.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import type { WireGrant } from '../../../contract/request.ts'
import { parseDuration } from '../../../domain/time.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { grantMessages } from '../../parts/grant-table.messages.ts'
import { useNow } from '../../parts/now.ts'
import { myAccessMessages } from './my-access.messages.ts'

const MINUTE = 60_000
const USUAL = [30, 60, 2 * 60, 3 * 60, 8 * 60].map((minutes) => minutes * MINUTE)

export function ExtendMenu({
  grant,
  machine,
  onExtend,
}: {
  readonly grant: WireGrant
  readonly machine: WireMachine | undefined
  readonly onExtend: (millis: number) => void
}): ReactNode {
  const text = useText(myAccessMessages)
  const words = useText(grantMessages)
  const formats = useFormats()
  const now = useNow()
  const longest = longestFor(grant, machine)
  const choices = [...new Set([...USUAL, longest])].filter(
    (millis) => millis <= longest && now + millis >= Date.parse(grant.until) + MINUTE,
  )
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          size="small"
          appearance="subtle"
          disabled={grant.state !== 'open'}
          aria-label={words.extendOne(portText(grant), machine?.name ?? nameOf(grant.machine))}
        >
          {words.extend}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {choices.map((millis) => (
            <MenuItem key={millis} onClick={() => onExtend(millis)}>
              {text.untilThen(formats.clock(now + millis), formats.span(millis))}
            </MenuItem>
          ))}
          {choices.length === 0 ? <MenuItem disabled>{text.noLonger(formats.span(longest))}</MenuItem> : null}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

/** Where the machine cannot be read, the server judges alone. */
function longestFor({ port }: WireGrant, machine: WireMachine | undefined): number {
  const rule = machine?.ports.find(({ number }) => number === port)
  const parsed = rule === undefined ? undefined : parseDuration(rule.maxRequestAccessDuration)
  return parsed?.ok === true ? parsed.value : Math.max(...USUAL)
}
