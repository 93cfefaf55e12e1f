import type { WireAuditSink } from '../../../contract/audit-status.ts'
import type { WireIssuer } from '../../../contract/issuer.ts'
import type { Messages } from '../../language.tsx'

interface Words {
  readonly issuers: string
  readonly issuersText: string
  readonly noIssuers: string
  readonly noIssuersHint: string
  readonly issuer: string
  readonly own: string
  readonly keys: string
  readonly keyStates: Readonly<Record<WireIssuer['keys']['state'], string>>
  readonly lastRead: string
  readonly signsIn: string
  readonly ways: Readonly<Record<WireIssuer['signsIn'][number], string>>
  readonly programs: string
  readonly audiences: string
  readonly prefix: string
  readonly trail: string
  readonly trailFacts: Readonly<Record<'newest' | 'checkpoint' | 'verified', string>>
  readonly signed: (checkpoint: string, event: string) => string
  readonly verifiedBy: (who: string) => string
  readonly brokenThen: (problem: string) => string
  readonly never: string
  readonly sinks: string
  readonly noSinks: string
  readonly name: string
  readonly kind: string
  readonly kinds: Readonly<Record<WireAuditSink['kind'], string>>
  readonly receiver: string
  readonly state: string
  readonly complete: string
  readonly delivering: string
  readonly failing: string
  readonly behind: string
  readonly waitingSince: string
}

export const standingMessages: Messages<Words> = {
  en: {
    issuers: 'Issuers',
    issuersText:
      'Whose tokens are taken here. They are set in the configuration of the server; whether they answer is asked for at most every ten minutes.',
    noIssuers: 'No issuer is trusted',
    noIssuersHint: 'Only the administrator’s token lets anybody in. Add an issuer to the configuration of the server.',
    issuer: 'Issuer',
    own: 'This installation',
    keys: 'Keys',
    keyStates: { own: 'Its own', read: 'Answers', failing: 'Does not answer' },
    lastRead: 'Last read',
    signsIn: 'Lets in',
    ways: { commandLine: 'Command line', browser: 'Browsers' },
    programs: 'Programs with a token',
    audiences: 'Audiences',
    prefix: 'Prefix',
    trail: 'Where it stands',
    trailFacts: { newest: 'Newest event', checkpoint: 'Last signed', verified: 'Last verified' },
    signed: (checkpoint, event) => `Checkpoint ${checkpoint}, up to event ${event}`,
    verifiedBy: (who) => `By ${who}`,
    brokenThen: (problem) => `When it was last verified, the trail was not what was written: ${problem}`,
    never: 'Never',
    sinks: 'Who else receives it',
    noSinks:
      'Nobody. Add audit sinks to the configuration of the server to send events to a file, syslog or a webhook.',
    name: 'Name',
    kind: 'Kind',
    kinds: { file: 'File', syslog: 'Syslog', webhook: 'Webhook' },
    receiver: 'Receiver',
    state: 'State',
    complete: 'Has everything',
    delivering: 'Being delivered',
    failing: 'Takes nothing',
    behind: 'Behind',
    waitingSince: 'Oldest waiting',
  },
  nl: {
    issuers: 'Uitgevers',
    issuersText:
      'Wier tokens hier worden aangenomen. Ze staan in de configuratie van de server; hoogstens elke tien minuten wordt gekeken of ze antwoorden.',
    noIssuers: 'Er wordt geen uitgever vertrouwd',
    noIssuersHint:
      'Alleen het token van de beheerder geeft toegang. Voeg een uitgever toe aan de configuratie van de server.',
    issuer: 'Uitgever',
    own: 'Deze installatie',
    keys: 'Sleutels',
    keyStates: { own: 'Eigen', read: 'Antwoordt', failing: 'Antwoordt niet' },
    lastRead: 'Laatst gelezen',
    signsIn: 'Laat aanmelden',
    ways: { commandLine: 'Opdrachtregel', browser: 'Browsers' },
    programs: 'Programma’s met een token',
    audiences: 'Doelgroepen',
    prefix: 'Voorvoegsel',
    trail: 'Stand van zaken',
    trailFacts: {
      newest: 'Nieuwste gebeurtenis',
      checkpoint: 'Laatst ondertekend',
      verified: 'Laatst geverifieerd',
    },
    signed: (checkpoint, event) => `Controlepunt ${checkpoint}, tot en met gebeurtenis ${event}`,
    verifiedBy: (who) => `Door ${who}`,
    brokenThen: (problem) => `Bij de laatste verificatie was de audittrail niet meer wat er is geschreven: ${problem}`,
    never: 'Nooit',
    sinks: 'Wie de audittrail ook ontvangt',
    noSinks:
      'Niemand. Voeg ontvangers toe aan de configuratie van de server om gebeurtenissen naar een bestand, syslog of webhook te sturen.',
    name: 'Naam',
    kind: 'Soort',
    kinds: { file: 'Bestand', syslog: 'Syslog', webhook: 'Webhook' },
    receiver: 'Ontvanger',
    state: 'Status',
    complete: 'Heeft alles',
    delivering: 'Wordt bezorgd',
    failing: 'Neemt niets aan',
    behind: 'Achter',
    waitingSince: 'Oudste wacht',
  },
  'zh-TW': {
    issuers: '簽發者',
    issuersText: '此處接受哪些簽發者的權杖。簽發者在伺服器的組態中設定；最多每十分鐘詢問一次是否有回應。',
    noIssuers: '沒有受信任的簽發者',
    noIssuersHint: '只有系統管理員的權杖可以進入。請在伺服器的組態中加入簽發者。',
    issuer: '簽發者',
    own: '此安裝',
    keys: '金鑰',
    keyStates: { own: '自有', read: '有回應', failing: '沒有回應' },
    lastRead: '上次讀取',
    signsIn: '可由此登入',
    ways: { commandLine: '命令列', browser: '瀏覽器' },
    programs: '持有權杖的程式',
    audiences: '對象',
    prefix: '前置詞',
    trail: '目前狀況',
    trailFacts: { newest: '最新事件', checkpoint: '上次簽署', verified: '上次驗證' },
    signed: (checkpoint, event) => `檢查點 ${checkpoint}，至事件 ${event}`,
    verifiedBy: (who) => `由 ${who}`,
    brokenThen: (problem) => `上次驗證時，記錄與當初寫入的內容不一致：${problem}`,
    never: '從未',
    sinks: '其他接收者',
    noSinks: '沒有。在伺服器的組態中加入稽核接收端，即可將事件傳送至檔案、Syslog 或 Webhook。',
    name: '名稱',
    kind: '類型',
    kinds: { file: '檔案', syslog: 'Syslog', webhook: 'Webhook' },
    receiver: '接收端',
    state: '狀態',
    complete: '已全部接收',
    delivering: '傳送中',
    failing: '無法接收',
    behind: '落後',
    waitingSince: '最早等候',
  },
}
