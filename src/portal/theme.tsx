/** Light or dark: the system's choice, or the reader's. Styles carry the page's nonce, because the policy of the page allows no others. */
import {
  createDOMRenderer,
  FluentProvider,
  makeStyles,
  mergeClasses,
  RendererProvider,
  tokens,
  webDarkTheme,
  webLightTheme,
} from '@fluentui/react-components'
import { createContext, use, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'

export type ThemeChoice = 'system' | 'light' | 'dark'

const KEPT_AS = 'sallyport.theme'
// A link on a row that is pointed at keeps its contrast.
const darkTheme = { ...webDarkTheme, colorBrandForegroundLink: webDarkTheme.colorBrandForegroundLinkHover }
const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce
const renderer = createDOMRenderer(document, nonce === undefined ? {} : { styleElementAttributes: { nonce } })
const prefersDark = matchMedia('(prefers-color-scheme: dark)')

const ThemeContext = createContext<{ choice: ThemeChoice; choose: (choice: ThemeChoice) => void }>({
  choice: 'system',
  choose: () => {},
})

export function useTheme(): { choice: ThemeChoice; choose: (choice: ThemeChoice) => void } {
  return use(ThemeContext)
}

const useStyles = makeStyles({
  page: { minHeight: '100vh', backgroundColor: tokens.colorNeutralBackground2 },
  // What the browser draws itself: scroll bars, fields of dates, the picture of the gate.
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
})

export function ThemeProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [choice, setChoice] = useState<ThemeChoice>(kept)
  const isSystemDark = useSyncExternalStore(watchSystem, () => prefersDark.matches)
  const isDark = choice === 'dark' || (choice === 'system' && isSystemDark)
  const value = useMemo(
    () => ({
      choice,
      choose: (chosen: ThemeChoice) => {
        localStorage.setItem(KEPT_AS, chosen)
        setChoice(chosen)
      },
    }),
    [choice],
  )
  return (
    <ThemeContext value={value}>
      <RendererProvider renderer={renderer}>
        <Themed isDark={isDark}>{children}</Themed>
      </RendererProvider>
    </ThemeContext>
  )
}

/** Inside the renderer: styles made outside of it would lack the nonce. */
function Themed({ isDark, children }: { readonly isDark: boolean; readonly children: ReactNode }): ReactNode {
  const styles = useStyles()
  // The window's own scroll bar, and what shows beside the page while something lies over it.
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light'
  }, [isDark])
  return (
    // Not a class of the provider: it would be one of every toast and dialog, which would lie over the whole page.
    <FluentProvider theme={isDark ? darkTheme : webLightTheme}>
      <div className={mergeClasses(styles.page, isDark ? styles.dark : styles.light)}>{children}</div>
    </FluentProvider>
  )
}

function kept(): ThemeChoice {
  const choice = localStorage.getItem(KEPT_AS)
  return choice === 'light' || choice === 'dark' ? choice : 'system'
}

function watchSystem(changed: () => void): () => void {
  prefersDark.addEventListener('change', changed)
  return () => prefersDark.removeEventListener('change', changed)
}
