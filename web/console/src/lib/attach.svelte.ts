// Files that an agent has picked for the next message: on their way, ready, or refused.

import { newId, type Id, type Upload } from '../../../sdk';
import type { OutgoingFile } from '../../../sdk/send_queue';
import { Uploads, type UploadState } from '../../../sdk/uploads';
import { previewable } from './files';

export interface Picked {
  /** Also the upload's client id: a retry goes on where it stopped. */
  key: string;
  name: string;
  /** Bytes. */
  size: number;
  mime: string;
  /** An object URL of a picture that this page holds; '' for everything else. */
  preview: string;
  /** Bytes that the server has. */
  sent: number;
  /** waiting tries again by itself; refused never does. */
  state: 'sending' | 'waiting' | 'ready' | 'refused';
  /** For people; '' when there is none, or only want of a network. */
  problem: string;
  /** Once the server has all of it; '' before. */
  id: Id | '';
}

/** As many as the server takes with one message. */
export const maxFiles = 10;

export interface AttachApi {
  createUpload(clientId: string, name: string, size: number): Promise<Upload>;
  appendUpload(id: Id, offset: number, bytes: Blob, signal: AbortSignal): Promise<Upload>;
  removeUpload(id: Id): Promise<void>;
}

/** Object URLs; tests pass their own. */
export interface Previews {
  create(file: File): string;
  revoke(url: string): void;
}

export class Attach {
  items: readonly Picked[] = $state.raw([]);
  /** More were picked than a message takes. */
  tooMany = $state(false);
  readonly #uploads: Uploads;

  constructor(
    api: AttachApi,
    private readonly previews?: Previews,
    random?: () => number,
  ) {
    this.#uploads = new Uploads({
      create: (clientId, name, size) => api.createUpload(clientId, name, size),
      append: (id, offset, bytes, signal) => api.appendUpload(id, offset, bytes, signal),
      remove: (id) => api.removeUpload(id),
      onChange: (state) => {
        this.#changed(state);
      },
      ...(random && { random }),
    });
  }

  /** Some are not there yet. */
  get busy(): boolean {
    return this.items.some((i) => i.state === 'sending' || i.state === 'waiting');
  }
  get troubled(): boolean {
    return this.items.some((i) => i.state === 'refused');
  }

  add(files: readonly File[]): void {
    const room = maxFiles - this.items.length;
    this.tooMany = files.length > room;
    for (const file of files.slice(0, Math.max(0, room))) {
      const key = newId();
      const preview = previewable(file.type) ? (this.previews?.create(file) ?? '') : '';
      const { name, size, type: mime } = file;
      this.items = [
        ...this.items,
        { key, name, size, mime, preview, sent: 0, state: 'sending', problem: '', id: '' },
      ];
      this.#uploads.add(key, name, size, file);
    }
  }

  retry(key: string): void {
    this.#uploads.retry(key);
  }

  /** The network is back. */
  wake(): void {
    this.#uploads.wake();
  }

  /** Stops it when it is on its way, and takes it out in any case. */
  remove(key: string): void {
    this.#uploads.cancel(key);
    this.#revoke(this.items.filter((i) => i.key === key));
    this.items = this.items.filter((i) => i.key !== key);
    this.tooMany = false;
  }

  /** Takes the ready ones away for a message; the others stay. */
  take(): OutgoingFile[] {
    const taken = this.items.filter((i) => i.state === 'ready' && i.id !== '');
    for (const i of taken) this.#uploads.forget(i.key);
    this.#revoke(taken);
    this.items = this.items.filter((i) => !taken.includes(i));
    this.tooMany = false;
    return taken.map(({ key, name, size, mime, id }) => ({ key, name, size, mime, modified: 0, id }));
  }

  /** Puts back what a message that was not sent had carried. */
  restore(files: readonly OutgoingFile[]): void {
    const held = new Set(this.items.map((i) => i.key));
    const back = files.flatMap(({ key, name, size, mime, id }): Picked[] =>
      id === undefined || held.has(key)
        ? []
        : [{ key, name, size, mime, id, preview: '', sent: size, state: 'ready', problem: '' }],
    );
    this.items = [...back, ...this.items];
  }

  #revoke(items: readonly Picked[]): void {
    for (const { preview } of items) if (preview !== '') this.previews?.revoke(preview);
  }

  #changed(now: UploadState): void {
    const state =
      now.state === 'ready' || now.state === 'refused' || now.state === 'waiting' ? now.state : 'sending';
    const problem = now.state === 'refused' ? (now.problem?.message ?? '') : '';
    this.items = this.items.map((i) =>
      i.key === now.key ? { ...i, state, problem, sent: now.sent, id: now.id ?? i.id } : i,
    );
  }
}
