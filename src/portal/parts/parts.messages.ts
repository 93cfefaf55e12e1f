import type { Messages } from '../language.tsx'

interface Words {
  readonly cancel: string
  readonly close: string
  readonly failed: string
  readonly working: string
  readonly once: string
}

export const partsMessages: Messages<Words> = {
  en: {
    cancel: 'Cancel',
    close: 'Close',
    failed: 'That did not work',
    working: 'Working…',
    once: 'This is shown only once. Copy it now and hand it over safely.',
  },
  nl: {
    cancel: 'Annuleren',
    close: 'Sluiten',
    failed: 'Dat is niet gelukt',
    working: 'Bezig…',
    once: 'Dit wordt maar één keer getoond. Kopieer het nu en geef het veilig door.',
  },
  'zh-TW': {
    cancel: '取消',
    close: '關閉',
    failed: '作業未成功',
    working: '處理中…',
    once: '此內容只會顯示一次。請立即複製，並以安全的方式交給對方。',
  },
}
