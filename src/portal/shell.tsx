/** What is around every page: the name, the menu, who is signed in, language and theme. */
import {
  Avatar,
  Button,
  Divider,
  Drawer,
  DrawerBody,
  makeStyles,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  MessageBar,
  MessageBarBody,
  PortalMountNodeProvider,
  Text,
  tokens,
} from '@fluentui/react-components'
import { NavigationRegular } from '@fluentui/react-icons'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { call } from './api/call.ts'
import { useIsConnected } from './api/live.ts'
import type { SignedOut } from '../contract/session.ts'
import { appMessages } from './app.messages.ts'
import { useFormats } from './formats.ts'
import { LANGUAGES, useLanguage, useText } from './language.tsx'
import { NavLinks } from './nav-links.tsx'
import { useKeptFocus, useReturnFocus } from './parts/return-focus.ts'
import { ToldHere } from './parts/tell.tsx'
import { TellOwnNews } from './parts/tell-own-news.tsx'
import { useTheme } from './theme.tsx'

const NARROW = '@media (max-width: 52rem)' as const

const useStyles = makeStyles({
  shell: {
    display: 'grid',
    gridTemplateColumns: 'auto minmax(0, 1fr)',
    gridTemplateRows: 'auto 1fr',
    minHeight: '100vh',
  },
  skip: {
    position: 'absolute',
    insetInlineStart: '-999rem',
    ':focus': { insetInlineStart: tokens.spacingHorizontalM, top: tokens.spacingVerticalM, zIndex: 10 },
  },
  header: {
    gridColumn: '1 / -1',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  brand: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, flex: 1, minWidth: 0 },
  side: {
    padding: tokens.spacingHorizontalM,
    width: '14rem',
    boxSizing: 'border-box',
    backgroundColor: tokens.colorNeutralBackground1,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    [NARROW]: { display: 'none' },
  },
  menuButton: { display: 'none', [NARROW]: { display: 'inline-flex' } },
  main: {
    padding: `${tokens.spacingVerticalXL} ${tokens.spacingHorizontalXXL}`,
    minWidth: 0,
    maxWidth: '96rem',
    outlineStyle: 'none',
    [NARROW]: { gridColumn: '1 / -1', padding: tokens.spacingHorizontalM },
  },
  notices: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    gap: tokens.spacingVerticalS,
    ':not(:empty)': { marginBlockEnd: tokens.spacingVerticalL },
  },
  account: { [NARROW]: { minWidth: 'auto' } },
  // Out of sight where there is no room; it still names the button.
  name: { [NARROW]: { position: 'absolute', clipPath: 'inset(50%)', width: '1px', height: '1px', overflow: 'hidden' } },
})

export function Shell({
  name,
  notice,
  children,
}: {
  readonly name: string
  /** Above the page: what concerns all of it. */
  readonly notice: ReactNode
  readonly children: ReactNode
}): ReactNode {
  const styles = useStyles()
  const text = useText(appMessages)
  const isConnected = useIsConnected()
  const main = useFocusOnNewPage()
  useKeptFocus(main)
  const [popups, setPopups] = useState<HTMLElement | null>(null)
  return (
    <PortalMountNodeProvider value={popups ?? undefined}>
      <div className={styles.shell}>
        <a className={styles.skip} href="#main">
          {text.skip}
        </a>
        <header className={styles.header}>
          <NarrowMenu className={styles.menuButton} />
          <div className={styles.brand}>
            <img src="/sallyport.svg" width="24" height="24" alt="" />
            <Text weight="semibold" size={400}>
              Sallyport
            </Text>
          </div>
          <AccountMenu name={name} />
        </header>
        <nav className={styles.side} aria-label={text.navigation}>
          <NavLinks />
        </nav>
        <main id="main" ref={main} tabIndex={-1} className={styles.main}>
          <div className={styles.notices}>
            {notice}
            {isConnected ? null : (
              <MessageBar intent="warning">
                <MessageBarBody>{text.offline}</MessageBarBody>
              </MessageBar>
            )}
          </div>
          {children}
          {/* Lists and menus that open stand here, within the page's landmark, and not behind its end. */}
          <div ref={setPopups} />
        </main>
        <TellOwnNews />
        <ToldHere />
      </div>
    </PortalMountNodeProvider>
  )
}

/** After following a link the reader stands at the new page's beginning, as after a real page load. */
function useFocusOnNewPage(): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null)
  const [path] = useLocation()
  const last = useRef(path)
  useEffect(() => {
    if (last.current === path) return
    last.current = path
    main.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [path])
  return main
}

function NarrowMenu({ className }: { readonly className: string }): ReactNode {
  const text = useText(appMessages)
  const [isOpen, setOpen] = useState(false)
  useReturnFocus(isOpen)
  return (
    <>
      <Button
        className={mergeClasses(className)}
        appearance="subtle"
        icon={<NavigationRegular />}
        aria-label={text.openMenu}
        onClick={() => setOpen(true)}
      />
      <Drawer type="overlay" open={isOpen} onOpenChange={(_, { open }) => setOpen(open)} aria-label={text.navigation}>
        <DrawerBody>
          <nav aria-label={text.navigation}>
            <NavLinks onFollow={() => setOpen(false)} />
          </nav>
        </DrawerBody>
      </Drawer>
    </>
  )
}

function AccountMenu({ name }: { readonly name: string }): ReactNode {
  const styles = useStyles()
  const text = useText(appMessages)
  const formats = useFormats()
  const { language, choose: chooseLanguage } = useLanguage()
  const { choice, choose: chooseTheme } = useTheme()
  return (
    <Menu
      checkedValues={{ language: [language], theme: [choice] }}
      onCheckedValueChange={(_, { name: which, checkedItems: [picked] }) => {
        if (which === 'language' && picked !== undefined) chooseLanguage(picked as typeof language) // our own items
        if (which === 'theme' && picked !== undefined) chooseTheme(picked as typeof choice) // our own items
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          className={styles.account}
          appearance="subtle"
          icon={<Avatar size={28} name={name} aria-hidden />}
          title={text.account(name)}
        >
          <span className={styles.name}>{name}</span>
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>{text.language}</MenuGroupHeader>
            {Object.entries(LANGUAGES).map(([value, label]) => (
              <MenuItemRadio key={value} name="language" value={value} lang={value}>
                {label}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{text.theme}</MenuGroupHeader>
            {Object.entries(text.themes).map(([value, label]) => (
              <MenuItemRadio key={value} name="theme" value={value}>
                {label}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <Divider />
          <MenuGroupHeader>{text.zone(formats.zone)}</MenuGroupHeader>
          <MenuItem onClick={() => void signOut()}>{text.signOut}</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

async function signOut(): Promise<void> {
  const { next } = await call<SignedOut>('/auth/sign-out', { method: 'POST', body: {} })
  location.assign(next ?? '/')
}
