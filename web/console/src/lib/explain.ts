import { RequestError } from '../../../sdk';
import type { Catalogue } from '../i18n/index.svelte';

/** What to tell a person about a failure, and what to do next. */
export function explain(error: unknown, t: Catalogue): string {
  if (!(error instanceof RequestError)) return t.error.title;
  switch (error.code) {
    case '':
      return t.error.offline;
    case 'throttled':
      return t.error.throttled(Math.max(1, Math.ceil(error.retryAfter / 1000)));
    case 'internal':
      return `${t.error.internal} ${error.requestId}`;
    case 'unauthorized':
    case 'forbidden':
    case 'not_found':
    case 'too_large':
    case 'unavailable':
      return t.error[error.code];
    default:
      return error.message; // invalid, conflict, stale: only the server knows what was wrong
  }
}

/** The server's words for each input, by name. */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  return error instanceof RequestError ? error.fields : {};
}

export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof RequestError && codes.includes(error.code);
}
