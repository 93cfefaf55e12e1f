/** Where the portal begins: language, theme, data, then the page that the address names. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/call.ts'
import { App } from './app.tsx'
import { LanguageProvider } from './language.tsx'
import { ThemeProvider } from './theme.tsx'

/** Whatever finds out that the session has ended: it is asked for again, and the page says so in one place. */
function onError(error: Error): void {
  if (error instanceof ApiError && error.kind === 'signed-out') void client.invalidateQueries({ queryKey: ['session'] })
}

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A browser that takes itself for offline may still reach a server nearby; if not, the page says so.
      networkMode: 'always',
      // Whatever it is, it is shown at once; a server that is away is asked again.
      retry: false,
      refetchInterval: (query) =>
        query.state.error instanceof ApiError && query.state.error.kind === 'offline' ? 5_000 : false,
    },
    mutations: { networkMode: 'always' },
  },
})

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has an element #root')
createRoot(root).render(
  <StrictMode>
    <LanguageProvider>
      <ThemeProvider>
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </ThemeProvider>
    </LanguageProvider>
  </StrictMode>,
)
