import type { Messages } from '../language.tsx'

interface Words {
  readonly lacks: (action: string, scope: string) => string
}

export const lacksMessages: Messages<Words> = {
  en: { lacks: (action, scope) => `You may not do this: it takes ${action} at ${scope}.` },
  nl: { lacks: (action, scope) => `U mag dit niet: hiervoor is ${action} op ${scope} nodig.` },
  'zh-TW': { lacks: (action, scope) => `您沒有權限：需要在 ${scope} 具備 ${action}。` },
}
