import type { Messages } from '../../language.tsx'

/** What the built-in roles are for, by their names; in English as they say themselves. */
export const builtInRoles: Messages<Readonly<Record<string, string>>> = {
  en: {},
  nl: {
    Contributor:
      'Volledige toegang om alle resources te beheren, maar niet om rollen toe te wijzen in Azure RBAC, toewijzingen in Azure Blueprints te beheren of galerieën met installatiekopieën te delen.',
    'JIT Approver': 'Beslist over aanvragen van anderen en sluit ze; ziet beleid, machines en wat er is gebeurd.',
    'JIT Auditor': 'Leest beleid, aanvragen, roltoewijzingen en alles wat er is gebeurd; wijzigt niets.',
    'JIT Host Operator':
      'Registreert hosts, geeft ze labels, trekt ze in en verwijdert ze, en leest de logboeken van hun agents; opent niets.',
    'JIT Requester': 'Mag toegang tot machines aanvragen en ziet wat de pagina’s erover tonen.',
    'JIT Requester (API only)':
      'Voor gebruikers en programma’s die toegang tot machines aanvragen, zonder wat de pagina’s verder tonen.',
    Owner: 'Volledige toegang om alle resources te beheren, ook om rollen toe te wijzen in Azure RBAC.',
    Reader: 'Mag alle resources bekijken, maar niets wijzigen.',
    'Security Admin': 'Beveiligingsbeheerder: leest en wijzigt beveiligingsbeleid.',
    'Security Reader': 'Beveiligingslezer: leest beveiligingsbeleid en wijzigt niets.',
    'User Access Administrator': 'Mag de toegang van gebruikers tot Azure-resources beheren.',
    'Virtual Machine Contributor':
      'Mag virtuele machines beheren, maar niet aanmelden, en niet het virtuele netwerk of opslagaccount waarmee ze verbonden zijn.',
  },
  'zh-TW': {
    Contributor:
      '授與管理所有資源的完整存取權，但無法在 Azure RBAC 中指派角色、管理 Azure 藍圖中的指派或共用映像資源庫。',
    'JIT Approver': '核准或關閉他人的要求；可檢視原則、機器與發生過的事。',
    'JIT Auditor': '讀取原則、要求、角色指派與發生過的一切；不做任何變更。',
    'JIT Host Operator': '註冊、標記、撤銷及移除主機，並讀取其代理程式的記錄；不開啟任何連接埠。',
    'JIT Requester': '可要求機器的存取，並檢視頁面上的相關資訊。',
    'JIT Requester (API only)': '供使用者與程式要求機器的存取，但看不到頁面上的其他資訊。',
    Owner: '授與管理所有資源的完整存取權，包括在 Azure RBAC 中指派角色的能力。',
    Reader: '可檢視所有資源，但無法進行任何變更。',
    'Security Admin': '安全性系統管理員：讀取並變更安全性原則。',
    'Security Reader': '安全性讀者：讀取安全性原則，不做任何變更。',
    'User Access Administrator': '可管理使用者對 Azure 資源的存取。',
    'Virtual Machine Contributor': '可管理虛擬機器，但無法存取虛擬機器本身，也無法管理其連接的虛擬網路或儲存體帳戶。',
  },
}
