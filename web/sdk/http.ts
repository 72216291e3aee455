import { errorFromAnswer, RequestError } from './errors';
import { newId } from './ids';

export interface HttpOptions {
  /** Prefix of every path, e.g. "" (same origin) or "https://support.meridian.example". */
  base?: string;
  fetch?: typeof fetch;
  /** Milliseconds until a request counts as offline; default 15,000. */
  timeout?: number;
  /** Sent as Accept-Language, so that error messages come back in it. */
  locale?: () => string;
  /** Bearer token; '' sends none (staff use a cookie). */
  token?: () => string;
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON; a Blob as it is, under its own type. */
  body?: unknown;
  /** Undefined and '' values are left out. */
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  timeout?: number;
}

/** JSON over fetch with a time limit; see {@link RequestError} for how it fails. */
export class Http {
  constructor(private readonly options: HttpOptions = {}) {}

  /**
   * The parsed answer; undefined for 204.
   * @throws RequestError, or the signal's own AbortError when the caller aborted.
   */
  async request<T>(
    path: string,
    { method = 'GET', body, query, headers: more, signal, timeout }: RequestOptions = {},
  ): Promise<T> {
    const { base = '', locale, token } = this.options;
    const requestId = newId();
    const headers: Record<string, string> = { Accept: 'application/json', 'X-Request-Id': requestId };
    Object.assign(headers, more);
    const raw = body instanceof Blob ? body : null;
    if (body !== undefined) headers['Content-Type'] = raw?.type ?? 'application/json';
    if (locale) headers['Accept-Language'] = locale();
    const bearer = token?.();
    if (bearer) headers['Authorization'] = `Bearer ${bearer}`;

    // AbortSignal.timeout and .any are younger than the browsers we support.
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, timeout ?? this.options.timeout ?? 15_000);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    try {
      const init: RequestInit = { method, headers, signal: limit.signal, credentials: 'same-origin' };
      if (body !== undefined) init.body = raw ?? JSON.stringify(body);
      const answer = await (this.options.fetch ?? fetch)(base + path + queryString(query), init);
      const id = answer.headers.get('X-Request-Id') ?? requestId;
      const text = answer.status === 204 ? '' : await answer.text();
      return parse<T>(answer.status, text, id);
    } catch (cause) {
      if (cause instanceof RequestError || signal?.aborted) throw cause;
      const why = limit.signal.aborted ? 'timed out' : String(cause);
      throw new RequestError('offline', 0, '', `${method} ${path}: ${why}`, requestId);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }
}

function parse<T>(status: number, text: string, requestId: string): T {
  let value: unknown;
  try {
    value = text ? JSON.parse(text) : undefined;
  } catch {
    // A proxy's or a captive portal's page: nothing that our server said.
    if (status < 400)
      throw new RequestError('retryable', status, 'unavailable', 'answer is not JSON', requestId);
  }
  if (status >= 400) throw errorFromAnswer(status, value, requestId);
  return value as T;
}

function queryString(query: RequestOptions['query']): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') q.set(name, String(value));
  }
  const s = q.toString();
  return s && `?${s}`;
}
