/** The links of the main menu. */
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import {
  ClockRegular,
  DesktopRegular,
  HistoryRegular,
  HomeRegular,
  PersonLockRegular,
  SettingsRegular,
} from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { appMessages } from './app.messages.ts'
import { useText } from './language.tsx'

const LINKS = [
  ['overview', '/', <HomeRegular key="icon" />],
  ['machines', '/machines', <DesktopRegular key="icon" />],
  ['mine', '/my-access', <ClockRegular key="icon" />],
  ['activity', '/activity', <HistoryRegular key="icon" />],
  ['access', '/access-control', <PersonLockRegular key="icon" />],
  ['settings', '/settings', <SettingsRegular key="icon" />],
] as const

/** Pages that are reached from another, and so are a part of it. */
const PARTS: Readonly<Record<string, string>> = {
  '/machine': '/machines',
  '/policy': '/machines',
  '/labels': '/machines',
  '/request': '/my-access',
}

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalXS },
  link: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    fontSize: tokens.fontSizeBase300,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  here: { backgroundColor: tokens.colorNeutralBackground1Selected, fontWeight: tokens.fontWeightSemibold },
})

export function NavLinks({ onFollow }: { readonly onFollow?: () => void }): ReactNode {
  const styles = useStyles()
  const text = useText(appMessages)
  const [path] = useLocation()
  return (
    <ul className={styles.list}>
      {LINKS.map(([name, href, icon]) => {
        const isHere = href === path || (PARTS[path] ?? '') === href
        return (
          <li key={href}>
            <Link
              href={href}
              className={mergeClasses(styles.link, isHere && styles.here)}
              aria-current={isHere ? 'page' : undefined}
              onClick={() => onFollow?.()}
            >
              {icon}
              {text.nav[name]}
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
