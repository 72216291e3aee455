import {
  fileLost,
  fileReady,
  fileRefused,
  fileRemoved,
  newId,
  Uploads,
  visitorUploads,
  type Id,
  type Message,
  type OutgoingFile,
  type SendQueue,
  type UploadState,
} from '../../sdk';
import type { Desk } from './desk.svelte';

/** Files of one message. */
export const mostFiles = 10;

/** Why a file was not taken at all. `other`: not the file that was asked for again. */
export interface Refusal {
  readonly why: 'many' | 'large' | 'empty' | 'off' | 'other';
  readonly name: string;
}

const shown = /^image\/(jpeg|png|gif|webp|avif|bmp|hei[cf])$/;

/**
 * Files of the composer and of messages that are not sent yet. A file goes up from the moment it is
 * chosen, so that most are there when the message is sent; this device's copy is shown meanwhile.
 */
export class Files {
  /** By key. */
  states = $state.raw<Readonly<Record<string, UploadState>>>({});
  /** Of the last choice. */
  refusals = $state.raw<readonly Refusal[]>([]);
  private trays = $state.raw<ReadonlyMap<unknown, readonly OutgoingFile[]>>(new Map());
  private readonly previews = new Map<string, string>();
  /** Keys by upload. */
  private readonly keys = new Map<Id, string>();
  private readonly uploads: Uploads;

  constructor(
    private readonly desk: Desk,
    private readonly queue: SendQueue,
  ) {
    const road = visitorUploads(desk.api.http);
    this.uploads = new Uploads({
      create: (...a) => desk.authed(() => road.create(...a)),
      append: (...a) => desk.authed(() => road.append(...a)),
      remove: (...a) => desk.authed(() => road.remove(...a)),
      onChange: (state) => this.changed(state),
    });
    // What an earlier visit left: perhaps the server has all of it.
    for (const item of desk.pending) {
      for (const f of item.state === 'uploading' ? (item.files ?? []) : []) {
        if (!f.id) this.uploads.add(f.key, f.name, f.size);
      }
    }
  }

  /** What is chosen and not sent, by composer. */
  tray(of: unknown): readonly OutgoingFile[] {
    return this.trays.get(of) ?? [];
  }

  sendable(of: unknown): boolean {
    return this.tray(of).some((f) => this.states[f.key]?.state !== 'refused');
  }

  /** Takes what may be sent; the rest is in `refusals`. */
  pick(of: unknown, files: Iterable<File>): void {
    const most = this.desk.config?.max_file_bytes ?? Infinity;
    const refusals: Refusal[] = [];
    const taken: OutgoingFile[] = [];
    for (const file of files) {
      const room = mostFiles - this.tray(of).length - taken.length;
      const why =
        most === 0 ? 'off' : room <= 0 ? 'many' : file.size === 0 ? 'empty' : file.size > most ? 'large' : '';
      if (why) refusals.push({ why, name: file.name });
      else taken.push(this.take(file));
    }
    this.refusals = refusals;
    if (taken.length > 0) this.setTray(of, [...this.tray(of), ...taken]);
    for (const f of taken) void this.measure(of, f.key);
  }

  /** What goes with the message that is sent now. */
  send(of: unknown): readonly OutgoingFile[] {
    const files = this.tray(of).map((f) => {
      const { state, id } = this.states[f.key] ?? {};
      return state === 'ready' && id ? { ...f, id } : f;
    });
    this.setTray(of, []);
    this.refusals = [];
    return files.filter((f) => this.states[f.key]?.state !== 'refused');
  }

  /** Takes a file out of the composer, or out of a message that waits for it. */
  remove(of: unknown, key: string): void {
    this.setTray(
      of,
      this.tray(of).filter((f) => f.key !== key),
    );
    fileRemoved(this.queue, key);
    this.drop(key);
  }

  /** The file itself again, after a reload; anything else would be glued to its first half. */
  give(file: OutgoingFile, chosen: File): boolean {
    const same =
      chosen.size === file.size &&
      chosen.name === file.name &&
      (!file.modified || chosen.lastModified === file.modified);
    this.refusals = same ? [] : [{ why: 'other', name: chosen.name }];
    if (!same) return false;
    this.show(file.key, chosen);
    this.uploads.give(file.key, chosen);
    return true;
  }

  /** Again, for a file in the composer. */
  tryAgain(key: string): void {
    this.uploads.retry(key);
  }

  /** Again, for a message that was refused or waits. */
  retry(clientId: string, files: readonly OutgoingFile[]): void {
    const { problem } = this.desk.pending.find((i) => i.clientId === clientId) ?? {};
    for (const f of files) {
      if (!f.id) {
        if (this.uploads.get(f.key)) this.uploads.retry(f.key);
        else this.uploads.add(f.key, f.name, f.size);
      } else if (problem?.kind === 'permanent') {
        // Perhaps the server has thrown its copy away meanwhile: it goes up anew.
        const fresh = newId();
        const copy = this.uploads.file(f.key);
        if (copy) this.show(fresh, copy);
        this.drop(f.key);
        fileLost(this.queue, f.key, fresh);
        this.uploads.add(fresh, f.name, f.size, copy);
      }
    }
    this.queue.retry(clientId);
  }

  /** Somebody signed in: what was brought as a visitor is announced again as theirs. */
  again(): void {
    const waiting = this.desk.pending.flatMap((i) => (i.state === 'failed' ? [] : (i.files ?? [])));
    for (const f of [...waiting, ...[...this.trays.values()].flat()]) {
      const copy = this.uploads.file(f.key);
      this.uploads.forget(f.key);
      fileLost(this.queue, f.key);
      this.uploads.add(f.key, f.name, f.size, copy);
    }
  }

  wake(): void {
    this.uploads.wake();
  }

  /** The message is stored: its files are the server's now. */
  sent(message: Message): void {
    for (const a of message.attachments ?? []) {
      const key = this.keys.get(a.id);
      if (key) this.uploads.forget(key);
    }
  }

  /** Address of this device's copy of a picture, by key or by attachment; '' when there is none. */
  preview(id: string): string {
    return this.previews.get(id) ?? this.previews.get(this.keys.get(id) ?? '') ?? '';
  }

  /** Nobody wants it any more. */
  drop(key: string): void {
    this.uploads.cancel(key);
    const url = this.previews.get(key);
    if (url) URL.revokeObjectURL(url);
    this.previews.delete(key);
    const { [key]: _, ...rest } = this.states;
    this.states = rest;
  }

  clear(): void {
    this.uploads.clear();
    for (const url of this.previews.values()) URL.revokeObjectURL(url);
    this.previews.clear();
    this.keys.clear();
    this.states = {};
    this.trays = new Map();
    this.refusals = [];
  }

  private take(file: File): OutgoingFile {
    const key = newId();
    this.show(key, file);
    this.uploads.add(key, file.name, file.size, file);
    return { key, name: file.name, size: file.size, mime: file.type, modified: file.lastModified };
  }

  private show(key: string, file: Blob): void {
    if (shown.test(file.type)) this.previews.set(key, URL.createObjectURL(file));
  }

  /** Pixels, so that the picture's place is kept while it loads elsewhere. */
  private async measure(of: unknown, key: string): Promise<void> {
    const src = this.preview(key);
    if (!src) return;
    const image = new Image();
    image.src = src;
    try {
      await image.decode();
    } catch {
      // This browser cannot show it (HEIC, for one): it stays a file with a name.
      URL.revokeObjectURL(src);
      this.previews.delete(key);
    }
    const { naturalWidth: width, naturalHeight: height } = image;
    this.setTray(
      of,
      this.tray(of).map((f) => (f.key === key && width ? { ...f, width, height } : f)),
    );
  }

  private setTray(of: unknown, files: readonly OutgoingFile[]): void {
    const trays = new Map(this.trays);
    if (files.length > 0) trays.set(of, files);
    else trays.delete(of);
    this.trays = trays;
  }

  private changed(state: UploadState): void {
    const { key, id, problem } = state;
    this.states = { ...this.states, [key]: state };
    if (id) this.keys.set(id, key);
    if (state.state === 'ready' && id) fileReady(this.queue, key, id);
    if (state.state === 'refused' && problem) fileRefused(this.queue, key, problem);
  }
}
