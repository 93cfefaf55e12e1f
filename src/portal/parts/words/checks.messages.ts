/** What a look at a host, a cloud or the server found, and what to do about it, by its code. English is the server's own sentence. */
import { CHECK_SENTENCES, type CheckCode } from '../../../domain/check.ts'
import type { Messages } from '../../language.tsx'

export const checkMessages: Messages<Readonly<Record<CheckCode, string>>> = {
  en: CHECK_SENTENCES,
  nl: {
    CredentialsBelong: 'de aanmeldgegevens horen bij account {account}',
    CredentialsRefused: 'AWS neemt de aanmeldgegevens niet aan: {problem:quote}',
    MendAwsCredential:
      'controleer de aanmeldgegevens, de rol, wie zij vertrouwt en de externe id; sallyport connect aws --print-policy toont beide policy’s',
    ActionAllowed: '{action} mag',
    ActionDenied: '{action} mag niet',
    ActionUntried: '{action} kon niet worden geprobeerd: {problem:quote}',
    AllowAction: 'sta de rol {action} toe, zoals sallyport connect aws --print-policy toont',
    AllowBelt: 'sta toe wat sallyport connect aws --belt --print-policy toont, of verbind zonder --belt',
    BeltFailed:
      'AWS sluit toegang niet zelf als deze server wegvalt, want planningen zijn niet te schrijven: {problem:quote}; vergelijk de rol met: sallyport connect aws --belt --print-policy',
    SignedIn: 'aangemeld met {kind}',
    SignInRefused: 'aanmelden met {kind} is niet gelukt: {problem:quote}',
    MendAzureCredential: 'controleer de tenant, de client-id en het geheim, en of deze server de aanmelddienst bereikt',
    SubscriptionUnread: 'het abonnement is niet te lezen: {problem:quote}',
    Granted: 'verleend, {why:word}',
    GrantedInGroups: 'verleend in elk van de {groups} resourcegroepen, {why:word}',
    NotGranted: 'niet verleend, nodig {why:word}',
    AssignRole: 'wijs de rol van ‘sallyport connect azure --print-role’ op {scope} toe aan deze identiteit',
    SecretSealed:
      'het geheim is met een andere sleutel verzegeld: geef het opnieuw op, of zet het sleutelbestand terug',
    GiveSecret: 'geef het geheim opnieuw op',
    CloudUnasked: 'de cloud kon niet worden gevraagd: {problem:quote}',
    InventoryStale:
      'de machines zijn sinds {since:moment} niet te lezen: {problem:quote}; de bekende ({machines}) blijven beschermd',
    InventoryUnread: 'de machines zijn nog niet gelezen',
    InventoryRead: 'machines: {machines}, {age:span} geleden gelezen',
    CallsWait:
      '{waiting} aanroepen ({kind}) naar {subscription} wachten op hun beurt, nog {left} van {limit}; wat sluit, gaat voor',
    CallsPaused:
      '{waiting} aanroepen ({kind}) naar {subscription} wachten op hun beurt, nog {left} van {limit}; de cloud vroeg te wachten tot {until:moment}; wat sluit, gaat voor',
    KernelIsFit: 'de kernel heeft alles wat nodig is, en geen andere tabel weigert wat is verleend',
    ConnectionsUnseen:
      'poort {port}: wie bij het einde verbonden is, moet worden verbroken of gemeld, en niemand kan dat zien: de verbindingen van de kernel zijn alleen via libnftables te bereiken',
    InstallLibnftables: 'installeer libnftables1 en start met --nft-backend library',
    NotForwarding: '{setting} is 0: niets bereikt de machines achter deze gateway via IPv{family}',
    DroppedByOther: '{port}: wat hier is verleend, wordt geweigerd door {rule}',
    PerhapsDroppedByOther: '{port}: wat hier is verleend, wordt misschien geweigerd door {rule}',
    UnreadRule:
      '{port}: {rule} laat misschien iets toe en is niet te herleiden tot bron, protocol en poort; hier is het gesloten',
    ReadRule: 'lees de regel, en zet in het beleid wat zij moet toelaten',
    OldIptables:
      'er zijn regels van het oude iptables geladen ({tables}); wat zij toelaten, is hier gesloten, wat zij weigeren, blijft geweigerd',
    ReadOldIptables: 'lees ze met iptables-legacy-save',
    ProgramInFront:
      'een programma op {interfaces} (XDP) ziet pakketten vóór de firewall; wat het weigert, blijft geweigerd, ook waar toegang is verleend',
    LookInFront: 'bekijk het met: ip -details link show',
    Run: 'voer uit: {command}',
    AgentDiffers:
      'draait agent {has}; de server heeft {recommended}: installeer die op de host, intussen opent of sluit er niets',
    Simulated: 'nagebootste machines uit {file} ({machines}): niets echts is beschermd',
    StartWithoutFleet: 'start de server zonder --fleet om deze host te beschermen',
  },
  'zh-TW': {
    CredentialsBelong: '認證屬於帳戶 {account}',
    CredentialsRefused: 'AWS 不接受認證：{problem:quote}',
    MendAwsCredential:
      '請檢查認證、角色、其信任原則與外部識別碼；sallyport connect aws --print-policy 會顯示這兩份原則',
    ActionAllowed: '允許 {action}',
    ActionDenied: '不允許 {action}',
    ActionUntried: '無法嘗試 {action}：{problem:quote}',
    AllowAction: '請允許角色執行 {action}，如 sallyport connect aws --print-policy 所示',
    AllowBelt: '請允許 sallyport connect aws --belt --print-policy 所示的項目，或不使用 --belt 建立連線',
    BeltFailed:
      '若此伺服器停止運作，AWS 不會自行關閉存取，因為無法寫入排程：{problem:quote}；請與 sallyport connect aws --belt --print-policy 比對角色',
    SignedIn: '已以 {kind} 登入',
    SignInRefused: '以 {kind} 登入失敗：{problem:quote}',
    MendAzureCredential: '請檢查租用戶、用戶端識別碼與祕密，以及此伺服器能否連線到登入服務',
    SubscriptionUnread: '無法讀取訂用帳戶：{problem:quote}',
    Granted: '已授與，{why:word}',
    GrantedInGroups: '已在 {groups} 個資源群組中逐一授與，{why:word}',
    NotGranted: '未授與，需要它{why:word}',
    AssignRole: '請在 {scope} 將 sallyport connect azure --print-role 的角色指派給此身分識別',
    SecretSealed: '其祕密由另一把金鑰密封：請重新提供祕密，或還原金鑰檔',
    GiveSecret: '請重新提供祕密',
    CloudUnasked: '無法詢問雲端：{problem:quote}',
    InventoryStale: '自 {since:moment} 起無法讀取機器：{problem:quote}；已知的 {machines} 部機器仍受保護',
    InventoryUnread: '尚未讀取機器',
    InventoryRead: '{machines} 部機器，於 {age:span} 前讀取',
    CallsWait: '對 {subscription} 的 {waiting} 個 {kind} 呼叫正在等候，剩餘 {left}/{limit}；關閉存取的呼叫優先',
    CallsPaused:
      '對 {subscription} 的 {waiting} 個 {kind} 呼叫正在等候，剩餘 {left}/{limit}；雲端要求等到 {until:moment}；關閉存取的呼叫優先',
    KernelIsFit: '核心具備所需的一切，且沒有其他資料表會丟棄已授與的存取',
    ConnectionsUnseen: '連接埠 {port}：結束時應中斷或回報仍在連線的人，但無從得知：只能透過 libnftables 取得核心的連線',
    InstallLibnftables: '請安裝 libnftables1，並以 --nft-backend library 啟動',
    NotForwarding: '{setting} 為 0：無法經由 IPv{family} 到達此閘道後方的機器',
    DroppedByOther: '{port}：此處授與的存取會被 {rule} 丟棄',
    PerhapsDroppedByOther: '{port}：此處授與的存取可能會被 {rule} 丟棄',
    UnreadRule: '{port}：{rule} 可能允許某些流量，且無法歸納為來源、通訊協定與連接埠；此處已將其關閉',
    ReadRule: '請閱讀該規則，並將應允許的流量寫入原則',
    OldIptables: '已載入舊版 iptables 的規則 ({tables})；它們允許的在此已關閉，它們丟棄的仍會丟棄',
    ReadOldIptables: '請以 iptables-legacy-save 查看',
    ProgramInFront: '{interfaces} 上的程式 (XDP) 會在防火牆之前看到封包；它丟棄的封包即使已授與存取仍會丟棄',
    LookInFront: '請以此指令查看：ip -details link show',
    Run: '請執行：{command}',
    AgentDiffers: '執行代理程式 {has}；伺服器有 {recommended}：請在主機上安裝，期間不會開啟或關閉任何存取',
    Simulated: '{file} 中的 {machines} 部模擬機器：沒有真正受保護的機器',
    StartWithoutFleet: '請在啟動伺服器時不使用 --fleet，以保護此主機',
  },
}
