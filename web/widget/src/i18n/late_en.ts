import { talkEn } from './talk/en';

/** Words of what is loaded later; see en.ts. */
export const lateEn = {
  ...talkEn,
  articleUpdated: (date: string) => `Updated ${date}`,
  officialTitle: 'How to check that this is official',
  officialAddress: 'This window is served by',
  officialStep1: (site: string) =>
    `Open ${site} by typing the address yourself, never through a link somebody sent.`,
  officialStep2: 'Contacts by phone, e-mail or social media can be checked on our verification page.',
  officialStep3:
    'Anybody who asks for money, a code or a recovery phrase is not us, whatever they know about you.',
  officialVerify: 'Check a contact',

  guardTitle: 'We removed a secret from your message',
  guardPhrase:
    'It looked like a recovery phrase. It was not stored. If it is real, treat that wallet as exposed: move the funds to a new wallet you set up yourself. Nobody at support will ever ask for it.',
  guardKey:
    'It looked like a private key or key file. It was not stored. If it is real, move the funds to a new wallet you set up yourself. Nobody at support will ever ask for it.',
  guardPassword:
    'It looked like a password. It was not stored. Change it now, wherever you use it. Nobody at support will ever ask for it.',
  guardCode:
    'It looked like a one-time code. It was not stored. Never pass codes on: whoever asks for one wants to enter your account.',
  guardApi:
    'It looked like an API secret. It was not stored. Delete that API key in your account and create a new one.',
  guardCard:
    'It looked like a card or identity number. It was not stored; we do not need it in full. If somebody asked you for it, tell us.',

  push: 'Tell me on this device when you answer',
  pushHow: 'A notice appears even when this page is closed. It does not show what was written.',
  pushOn: 'You are told on this device.',
  pushOff: 'Stop',
  pushDenied: 'Your browser does not allow notices from this site. You can change it in its settings.',
  pushFailed: 'That did not work. Please try again later.',
};

export type LateCatalogue = typeof lateEn;
