import type { FirstTalk } from './first_en';

export const firstZhCN: FirstTalk = {
  attach: '添加文件',
  camera: '拍照',
  dropHere: '把文件拖放到这里',
  attachedFile: '文件',
  signedOutTitle: '您已退出登录',
  signedOutSub: '重新登录后即可继续。您写的内容保留在此设备上。',
  signedOutGuest: '以访客身份继续',
  eventJoined: (name) => `${name} 已加入对话。`,
  eventHandover: '此对话已转交给另一位同事。',
  eventReturned: '您已重新排队，有同事空闲时会立即接手。',
  eventEnded: '您结束了此对话。再次留言即可重新打开。',
  eventSignedIn: '您已登录，此对话将在您的账户下继续。',
  myRequests: '我的全部工单',
  jumpNewest: '最新消息',
};
