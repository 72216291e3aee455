import { createHmac } from 'node:crypto';

/** A code as an authenticator app shows it: RFC 6238 with SHA-1, 30 s and six digits. `secret` is base32 (RFC 4648). */
export function totp(secret: string, at: number): string {
  let bits = '';
  for (const c of secret.replaceAll(/[\s=]/g, '').toUpperCase())
    bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
