import type { LateCatalogue } from './late_en';
import { talkZhCN } from './talk/zh_cn';

export const lateZhCN: LateCatalogue = {
  ...talkZhCN,
  articleUpdated: (date) => `更新于 ${date}`,
  officialTitle: '如何确认这是官方客服',
  officialAddress: '本窗口由以下网站提供',
  officialStep1: (site) => `请亲自输入网址打开 ${site}，不要点击别人发来的链接。`,
  officialStep2: '电话、邮箱、社交账号是否官方，可在验证页面查询。',
  officialStep3: '凡是索要转账、验证码或助记词的，都不是我们，无论对方知道您多少信息。',
  officialVerify: '查询联系方式',

  guardTitle: '已从您的消息中移除机密信息',
  guardPhrase:
    '内容疑似助记词，我们没有保存。如果是真实的助记词，请视为该钱包已泄露，立即把资产转到您自己新建的钱包。客服绝不会索要助记词。',
  guardKey:
    '内容疑似私钥或密钥文件，我们没有保存。如果是真实的私钥，请立即把资产转到您自己新建的钱包。客服绝不会索要私钥。',
  guardPassword: '内容疑似密码，我们没有保存。请立即在所有使用它的地方修改密码。客服绝不会索要密码。',
  guardCode: '内容疑似验证码，我们没有保存。请勿把验证码告诉任何人：索要验证码的人是想进入您的账户。',
  guardApi: '内容疑似 API 密钥，我们没有保存。请在账户中删除该 API 密钥并重新创建。',
  guardCard: '内容疑似银行卡号或证件号码，我们没有保存，也不需要完整号码。如果有人向您索要，请告诉我们。',

  push: '有回复时在此设备通知我',
  pushHow: '即使关闭此页面也会收到提醒，提醒中不显示消息内容。',
  pushOn: '此设备会收到提醒。',
  pushOff: '停止提醒',
  pushDenied: '您的浏览器不允许本网站发送通知，可在浏览器设置中更改。',
  pushFailed: '操作没有成功，请稍后再试。',
};
