import { numberText, type Messages } from '../language.tsx'
import type { OwnNews } from './own-news.ts'

interface About {
  readonly port: string
  readonly machine: string
  readonly until: string
}

interface Words {
  readonly cancel: string
  readonly clear: string
  readonly showAll: string
  readonly close: string
  readonly failed: string
  readonly working: string
  readonly once: string
  /** The subscription in which an installation keeps what is its own. */
  readonly thisInstallation: string
  /** Behind a sentence. */
  readonly andMore: (count: number) => string
  readonly news: Readonly<Record<OwnNews['kind'], (about: About) => string>>
}

export const partsMessages: Messages<Words> = {
  en: {
    cancel: 'Cancel',
    clear: 'Clear the search',
    showAll: 'Show the list',
    close: 'Close',
    failed: 'That did not work',
    working: 'Working…',
    once: 'This is shown only once. Copy it now and hand it over safely.',
    thisInstallation: 'This installation',
    andMore: (count) => `(and ${numberText('en', count)} more)`,
    news: {
      opened: ({ port, machine, until }) => `${port} on ${machine} is open until ${until}`,
      extended: ({ port, machine, until }) => `${port} on ${machine} now stays open until ${until}`,
      closed: ({ port, machine }) => `${port} on ${machine} is closed`,
      failed: ({ port, machine }) => `${port} on ${machine} could not be opened; My access says why`,
    },
  },
  nl: {
    cancel: 'Annuleren',
    clear: 'Zoekopdracht wissen',
    showAll: 'Lijst tonen',
    close: 'Sluiten',
    failed: 'Dat is niet gelukt',
    working: 'Bezig…',
    once: 'Dit wordt maar één keer getoond. Kopieer het nu en geef het veilig door.',
    thisInstallation: 'Deze installatie',
    andMore: (count) => `(en nog ${numberText('nl', count)})`,
    news: {
      opened: ({ port, machine, until }) => `${port} op ${machine} is open tot ${until}`,
      extended: ({ port, machine, until }) => `${port} op ${machine} blijft nu open tot ${until}`,
      closed: ({ port, machine }) => `${port} op ${machine} is gesloten`,
      failed: ({ port, machine }) => `${port} op ${machine} kon niet worden geopend; bij Mijn toegang staat waarom`,
    },
  },
  'zh-TW': {
    cancel: '取消',
    clear: '清除搜尋',
    showAll: '顯示清單',
    close: '關閉',
    failed: '作業未成功',
    working: '處理中…',
    once: '此內容只會顯示一次。請立即複製，並以安全的方式交給對方。',
    thisInstallation: '此安裝',
    andMore: (count) => `(另有 ${numberText('zh-TW', count)} 項)`,
    news: {
      opened: ({ port, machine, until }) => `${machine} 的 ${port} 已開放至 ${until}`,
      extended: ({ port, machine, until }) => `${machine} 的 ${port} 已延長開放至 ${until}`,
      closed: ({ port, machine }) => `${machine} 的 ${port} 已關閉`,
      failed: ({ port, machine }) => `無法開啟 ${machine} 的 ${port}；原因列於「我的存取」`,
    },
  },
}
