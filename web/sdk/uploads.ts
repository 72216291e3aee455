import { backoff } from './backoff';
import { RequestError } from './errors';
import type { Http } from './http';
import type { Problem } from './send_queue';
import type { Id, Upload } from './types';

/** A file on its way, as it is now. */
export interface UploadState {
  readonly key: string;
  readonly size: number;
  /** Bytes that the server has. */
  readonly sent: number;
  /**
   * line: others go first. waiting: will be tried again by itself. ready: the server has all of it and
   * takes it. refused: it does not; `problem` says why. lost: the page was loaded anew, and the browser
   * keeps no hold of files across that: `give` it again, and it goes on where it stopped.
   */
  readonly state: 'line' | 'uploading' | 'waiting' | 'ready' | 'refused' | 'lost';
  readonly problem?: Problem;
  readonly id?: Id;
}

/** How files reach the server. */
export interface UploadRoad {
  /** Begins, or finds again by its client id. */
  create: (clientId: string, name: string, size: number) => Promise<Upload>;
  append: (id: Id, offset: number, bytes: Blob, signal: AbortSignal) => Promise<Upload>;
  remove: (id: Id) => Promise<void>;
}

export interface UploadsOptions extends UploadRoad {
  onChange: (state: UploadState) => void;
  random?: () => number;
  /** Milliseconds. */
  now?: () => number;
}

interface Job {
  key: string;
  name: string;
  file: Blob | undefined;
  upload: Upload | undefined;
  state: UploadState;
  attempt: number;
  /** Times that the server had forgotten the upload or disagreed about how far it is. */
  astray: number;
  stop: AbortController;
  timer?: ReturnType<typeof setTimeout>;
}

const atOnce = 2;
const firstChunk = 128 << 10;
const leastChunk = 32 << 10;
/** A piece that took less time than this may be followed by a larger one. */
const quick = 1_000;
const patience = 5;
const finishing = 1_000;

/**
 * Files to the server, piece by piece, two at a time. A piece is small at first and grows with the
 * connection, so that little is lost on a bad one. Whatever fails for want of a network goes on by
 * itself from the byte where the server is; only the server's refusal ends it.
 */
export class Uploads {
  private readonly jobs = new Map<string, Job>();
  private readonly running = new Set<Job>();
  private chunk = firstChunk;

  constructor(private readonly options: UploadsOptions) {}

  /** Without a file: asks how far it came, and becomes `ready` or `lost`. Known already: nothing happens. */
  add(key: string, name: string, size: number, file?: Blob): void {
    if (this.jobs.has(key)) return;
    const state: UploadState = { key, size, sent: 0, state: 'line' };
    const stop = new AbortController();
    this.jobs.set(key, { key, name, file, upload: undefined, state, attempt: 0, astray: 0, stop });
    this.options.onChange(state);
    this.next();
  }

  get(key: string): UploadState | undefined {
    return this.jobs.get(key)?.state;
  }
  file(key: string): Blob | undefined {
    return this.jobs.get(key)?.file;
  }

  /** The file of a `lost` upload, chosen again. */
  give(key: string, file: Blob): void {
    const job = this.jobs.get(key);
    if (!job) return;
    job.file = file;
    this.retry(key);
  }

  /** Tries again now. */
  retry(key: string): void {
    const job = this.jobs.get(key);
    if (!job || this.running.has(job) || job.state.state === 'ready') return;
    clearTimeout(job.timer);
    job.attempt = job.astray = 0;
    this.set(job, 'line');
    this.next();
  }

  /** Forgets a file and tells the server; a failure of that is of no consequence. */
  cancel(key: string): void {
    const { upload } = this.jobs.get(key) ?? {};
    this.forget(key);
    if (upload) this.options.remove(upload.id).catch(() => undefined);
    this.next();
  }
  /** The file belongs to a message now (or to nobody): only forgotten here. */
  forget(key: string): void {
    const job = this.jobs.get(key);
    if (!job) return;
    clearTimeout(job.timer);
    job.stop.abort();
    this.jobs.delete(key);
    this.running.delete(job);
  }
  clear(): void {
    for (const key of [...this.jobs.keys()]) this.forget(key);
  }

  /** The network is back: whatever waits is tried now. */
  wake(): void {
    for (const job of this.jobs.values()) if (job.state.state === 'waiting') this.retry(job.key);
  }

  private next(): void {
    for (const job of this.jobs.values()) {
      if (this.running.size >= atOnce) return;
      if (job.state.state === 'line' && !this.running.has(job)) void this.run(job);
    }
  }

  private async run(job: Job): Promise<void> {
    this.running.add(job);
    try {
      this.set(job, 'uploading');
      await this.carry(job);
    } catch (error) {
      if (!job.stop.signal.aborted) this.failed(job, error);
    } finally {
      this.running.delete(job);
      this.next();
    }
  }

  private async carry(job: Job): Promise<void> {
    while (!job.stop.signal.aborted) {
      job.upload ??= await this.options.create(job.key, job.name, job.state.size);
      const { id, offset, state, problem = '' } = job.upload;
      if (job.stop.signal.aborted) return;
      if (state === 'ready') return this.set(job, 'ready');
      if (state === 'refused') {
        return this.set(job, 'refused', { kind: 'permanent', code: 'refused', message: problem });
      }
      if (!job.file) return this.set(job, 'lost');
      this.set(job, 'uploading');
      if (offset >= job.state.size) return this.later(job, finishing);
      await this.piece(job, id, offset, job.file, job.upload.chunk);
    }
  }

  private async piece(job: Job, id: Id, offset: number, file: Blob, most: number): Promise<void> {
    const now = this.options.now ?? Date.now;
    const end = Math.min(offset + Math.min(this.chunk, most), job.state.size);
    const began = now();
    try {
      job.upload = await this.options.append(id, offset, file.slice(offset, end), job.stop.signal);
      job.attempt = 0;
      if (now() - began < quick) this.chunk = Math.min(this.chunk * 2, most);
    } catch (error) {
      const { status = 0, answer = {} } = error instanceof RequestError ? error : {};
      if ((status !== 409 && status !== 404) || ++job.astray > patience) throw error;
      // 409: the server says where it is. 404: it knows nothing of it any more; begin again.
      const at = answer['offset'];
      job.upload =
        status === 409 && typeof at === 'number' && job.upload ? { ...job.upload, offset: at } : undefined;
    }
  }

  private failed(job: Job, error: unknown): void {
    const { kind, code, message } =
      error instanceof RequestError
        ? error
        : // The file cannot be read any more: it was moved, or changed, since it was chosen.
          { kind: 'permanent' as const, code: 'unreadable', message: String(error) };
    const problem = { kind, code, message };
    if (kind === 'permanent') return this.set(job, 'refused', problem);
    this.chunk = Math.max(leastChunk, this.chunk / 2);
    this.set(job, 'waiting', problem);
    const asked = error instanceof RequestError ? error.retryAfter : 0;
    this.later(job, Math.max(asked, backoff(++job.attempt, this.options.random ?? Math.random)));
  }

  /** What the server knows is asked anew: the answer that failed to come may have been a good one. */
  private later(job: Job, delay: number): void {
    job.upload = undefined;
    job.timer = setTimeout(() => {
      if (this.jobs.get(job.key) !== job) return;
      this.set(job, 'line');
      this.next();
    }, delay);
  }

  private set(job: Job, state: UploadState['state'], problem?: Problem): void {
    if (this.jobs.get(job.key) !== job) return;
    const { key, size, sent } = job.state;
    const { id, offset = sent } = job.upload ?? {};
    job.state = { key, size, sent: state === 'ready' ? size : offset, state };
    if (problem) job.state = { ...job.state, problem };
    if (id) job.state = { ...job.state, id };
    this.options.onChange(job.state);
  }
}

/** The road of a visitor's files. Every function throws RequestError. */
export function visitorUploads(http: Http): UploadRoad {
  const at = (id: Id) => `/api/v1/visitor/uploads/${encodeURIComponent(id)}`;
  return {
    create: (client_id, name, size) =>
      http.request('/api/v1/visitor/uploads', { method: 'POST', body: { client_id, name, size } }),
    append: (id, offset, bytes, signal) =>
      http.request(at(id), {
        method: 'PATCH',
        body: bytes.slice(0, bytes.size, 'application/offset+octet-stream'),
        headers: { 'Upload-Offset': String(offset) },
        signal,
        timeout: 60_000,
      }),
    remove: (id) => http.request(at(id), { method: 'DELETE' }),
  };
}
