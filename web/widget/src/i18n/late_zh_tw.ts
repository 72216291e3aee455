import type { LateCatalogue } from './late_en';
import { talkZhTW } from './talk/zh_tw';

export const lateZhTW: LateCatalogue = {
  ...talkZhTW,
  articleUpdated: (date) => `更新於 ${date}`,
  officialTitle: '如何確認這是官方客服',
  officialAddress: '本視窗由以下網站提供',
  officialStep1: (site) => `請親自輸入網址開啟 ${site}，不要點擊別人傳來的連結。`,
  officialStep2: '電話、電子郵件、社群帳號是否為官方，可在驗證頁面查詢。',
  officialStep3: '凡是索取轉帳、驗證碼或助記詞的，都不是我們，無論對方知道您多少資訊。',
  officialVerify: '查詢聯絡方式',

  guardTitle: '已從您的訊息中移除機密資料',
  guardPhrase:
    '內容疑似助記詞，我們沒有儲存。如果是真實的助記詞，請視為該錢包已外洩，立即把資產轉到您自己新建的錢包。客服絕不會索取助記詞。',
  guardKey:
    '內容疑似私鑰或金鑰檔案，我們沒有儲存。如果是真實的私鑰，請立即把資產轉到您自己新建的錢包。客服絕不會索取私鑰。',
  guardPassword: '內容疑似密碼，我們沒有儲存。請立即在所有使用它的地方變更密碼。客服絕不會索取密碼。',
  guardCode: '內容疑似驗證碼，我們沒有儲存。請勿把驗證碼告訴任何人：索取驗證碼的人是想進入您的帳戶。',
  guardApi: '內容疑似 API 金鑰，我們沒有儲存。請在帳戶中刪除該 API 金鑰並重新建立。',
  guardCard: '內容疑似銀行卡號或證件號碼，我們沒有儲存，也不需要完整號碼。如果有人向您索取，請告訴我們。',

  push: '有回覆時在此裝置通知我',
  pushHow: '即使關閉此頁面也會收到提醒，提醒中不顯示訊息內容。',
  pushOn: '此裝置會收到提醒。',
  pushOff: '停止提醒',
  pushDenied: '您的瀏覽器不允許本網站傳送通知，可在瀏覽器設定中變更。',
  pushFailed: '操作沒有成功，請稍後再試。',
};
