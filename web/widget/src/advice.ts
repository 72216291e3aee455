import type { Finding } from '../../sdk';

export type Advice = 'guardPhrase' | 'guardKey' | 'guardPassword' | 'guardCode' | 'guardApi' | 'guardCard';

/** What to tell the customer about each thing that the guard removed, each piece of advice once. */
export function adviceOf(findings: readonly Finding[]): Advice[] {
  return [...new Set(findings.map(({ kind }) => adviceFor(kind)))];
}

function adviceFor(kind: string): Advice {
  if (/bip39|seed/.test(kind) && kind !== 'totp_seed') return 'guardPhrase';
  if (kind === 'password') return 'guardPassword';
  if (kind === 'otp' || kind === 'totp_seed') return 'guardCode';
  if (kind === 'api_secret') return 'guardApi';
  if (kind === 'card' || kind === 'cn_id') return 'guardCard';
  return 'guardKey';
}
