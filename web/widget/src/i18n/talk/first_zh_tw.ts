import type { FirstTalk } from './first_en';

export const firstZhTW: FirstTalk = {
  attach: '加入檔案',
  camera: '拍照',
  dropHere: '將檔案拖放到這裡',
  attachedFile: '檔案',
  signedOutTitle: '您已登出',
  signedOutSub: '重新登入後即可繼續。您寫的內容保留在這部裝置上。',
  signedOutGuest: '以訪客身分繼續',
  eventJoined: (name) => `${name} 已加入對話。`,
  eventHandover: '此對話已轉交給另一位同事。',
  eventReturned: '您已重新排隊，有同事空閒時會立即接手。',
  eventEnded: '您結束了此對話。再次留言即可重新開啟。',
  eventSignedIn: '您已登入，此對話將在您的帳戶下繼續。',
  myRequests: '我的全部案件',
  jumpNewest: '最新訊息',
};
