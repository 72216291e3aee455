import type { ErrorBody, ErrorCode } from './types';

/**
 * A request that failed, told apart by what to do next:
 * - `offline`: no answer came (no network, refused, timed out). Wait for the network and try again.
 * - `retryable`: the server answered but could not do it now (429, 5xx). Try again later.
 * - `permanent`: trying the same again cannot help (4xx). Tell the person.
 * Whatever was sent may have arrived in the first two cases; writes carry a client id for that reason.
 */
export class RequestError extends Error {
  constructor(
    readonly kind: 'offline' | 'retryable' | 'permanent',
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** The server's word for it; '' when no answer came. */
    readonly code: ErrorCode | '',
    /** For people in the request's locale when the server answered; otherwise for engineers. */
    message: string,
    readonly requestId: string,
    /** Milliseconds to wait, when the server said so; otherwise 0. */
    readonly retryAfter: number = 0,
    readonly fields: Readonly<Record<string, string>> = {},
    /** Whatever else the server said, such as the `current` text of a stale save. */
    readonly answer: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

const codes: Record<number, ErrorCode> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'invalid',
  429: 'throttled',
  503: 'unavailable',
};

/** The error for an answer with a status of 400 or more; `body` is whatever could be parsed of it. */
export function errorFromAnswer(status: number, body: unknown, requestId: string): RequestError {
  const b: Partial<ErrorBody> & Record<string, unknown> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const again = status === 408 || status === 425 || status === 429 || status >= 500;
  return new RequestError(
    again ? 'retryable' : 'permanent',
    status,
    b.code ?? codes[status] ?? 'internal',
    b.message || `HTTP ${status}`,
    b.request_id || requestId,
    (b.retry_after ?? 0) * 1000,
    b.fields ?? {},
    b,
  );
}
