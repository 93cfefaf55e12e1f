import type { Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly open: string
  readonly history: string
  readonly connect: string
  readonly nothingOpen: string
  readonly nothingOpenHint: string
  readonly noHistory: string
  readonly request: string
  readonly failed: string
  readonly untilThen: (clock: string, span: string) => string
  readonly noLonger: (span: string) => string
}

export const myAccessMessages: Messages<Words> = {
  en: {
    title: 'My access',
    subtitle: 'Your open ports, how to connect, and when they close',
    open: 'Open now',
    history: 'History',
    connect: 'Connect',
    nothingOpen: 'You have nothing open',
    nothingOpenHint: 'Request access to a machine, and it appears here with the line to connect.',
    noHistory: 'Nothing of yours has ended yet.',
    request: 'Request access',
    failed: 'That did not work',
    untilThen: (clock, span) => `Until ${clock} (${span} from now)`,
    noLonger: (span) => `The policy allows no longer than ${span} from now`,
  },
  nl: {
    title: 'Mijn toegang',
    subtitle: 'Uw open poorten, hoe u verbinding maakt, en wanneer ze sluiten',
    open: 'Nu open',
    history: 'Geschiedenis',
    connect: 'Verbinden',
    nothingOpen: 'U hebt niets open',
    nothingOpenHint: 'Vraag toegang tot een machine aan; hier verschijnt dan de regel om te verbinden.',
    noHistory: 'Er is nog geen toegang van u afgelopen.',
    request: 'Toegang aanvragen',
    failed: 'Dat is niet gelukt',
    untilThen: (clock, span) => `Tot ${clock} (over ${span})`,
    noLonger: (span) => `Het beleid staat niet langer toe dan ${span} vanaf nu`,
  },
  'zh-TW': {
    title: '我的存取',
    subtitle: '您開啟的連接埠、連線方式與關閉時間',
    open: '目前開放',
    history: '歷程記錄',
    connect: '連線',
    nothingOpen: '您沒有開啟任何連接埠',
    nothingOpenHint: '要求存取某部機器後，它會與連線指令一起顯示在這裡。',
    noHistory: '您還沒有已結束的存取。',
    request: '要求存取',
    failed: '作業未成功',
    untilThen: (clock, span) => `至 ${clock} (從現在起 ${span})`,
    noLonger: (span) => `原則最多允許從現在起 ${span}`,
  },
}
