/** The floor of the portal: React and Fluent with a heading, and nothing else. */
import { createDOMRenderer, FluentProvider, RendererProvider, webLightTheme } from '@fluentui/react-components'
import { createRoot } from 'react-dom/client'

const nonce = document.querySelector('meta[property="csp-nonce"]')?.nonce
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } })

createRoot(document.getElementById('root')).render(
  <RendererProvider renderer={renderer}>
    <FluentProvider theme={webLightTheme}>
      <h1>Empty</h1>
    </FluentProvider>
  </RendererProvider>,
)
