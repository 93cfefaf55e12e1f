/** What can be done with one row. */
import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { MoreHorizontalRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'

export interface RowDeed {
  readonly label: string
  readonly act: () => void
}

export function RowMenu({ label, deeds }: { readonly label: string; readonly deeds: readonly RowDeed[] }): ReactNode {
  if (deeds.length === 0) return null
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={label} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {deeds.map(({ label: deed, act }) => (
            <MenuItem key={deed} onClick={act}>
              {deed}
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
