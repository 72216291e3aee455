import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from './errors';
import { Chance } from './test/random';
import type { Upload } from './types';
import { Uploads, type UploadState } from './uploads';

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const kib = 1024;

/** A file that can be read at once; a Blob of Node's needs the real clock. */
class Bytes {
  constructor(readonly data: Uint8Array) {}
  get size() {
    return this.data.length;
  }
  slice(from: number, to: number) {
    return new Bytes(this.data.subarray(from, to));
  }
}
const bytesOf = (blob: Blob) => (blob as unknown as Bytes).data;

/** A server of uploads that keeps what it is given, byte by byte. */
class Server {
  readonly files = new Map<string, { upload: Upload; bytes: Uint8Array; got: number }>();
  readonly calls: string[] = [];
  /** Thrown by the next calls, in this order. */
  problems: unknown[] = [];
  /** Thrown after the next append took the bytes. */
  loseAnswer = false;
  chunk = 512 * kib;
  verdict: Partial<Upload> = { state: 'ready' };
  removed: string[] = [];

  create = async (key: string, name: string, size: number): Promise<Upload> => {
    this.calls.push(`create ${key}`);
    this.trouble();
    let f = this.files.get(key);
    if (!f) {
      const upload = {
        id: `u-${key}`,
        name,
        size,
        offset: 0,
        chunk: this.chunk,
        state: 'uploading' as const,
      };
      f = { upload, bytes: new Uint8Array(size), got: 0 };
      this.files.set(key, f);
    }
    return { ...f.upload };
  };
  append = async (id: string, offset: number, bytes: Blob): Promise<Upload> => {
    const data = bytesOf(bytes);
    this.calls.push(`append ${offset}+${data.length}`);
    this.trouble();
    const f = [...this.files.values()].find((x) => x.upload.id === id);
    if (!f) throw new RequestError('permanent', 404, 'not_found', 'gone', 'r');
    if (offset !== f.upload.offset) {
      const answer = { offset: f.upload.offset };
      throw new RequestError('permanent', 409, 'conflict', 'elsewhere', 'r', 0, {}, answer);
    }
    f.bytes.set(data, offset);
    f.got += data.length;
    f.upload = { ...f.upload, offset: offset + data.length };
    if (f.upload.offset === f.upload.size) f.upload = { ...f.upload, ...this.verdict };
    if (this.loseAnswer) {
      this.loseAnswer = false;
      throw offline();
    }
    return { ...f.upload };
  };
  remove = async (id: string): Promise<void> => void this.removed.push(id);
  private trouble() {
    const p = this.problems.shift();
    if (p) throw p;
  }
}

const offline = () => new RequestError('offline', 0, '', 'no network', 'r');
const content = (n: number) =>
  new Bytes(Uint8Array.from({ length: n }, (_, i) => (i * 7) % 251)) as unknown as Blob;
let server: Server;
let uploads: Uploads;
let heard: UploadState[];
const states = (key: string) => [...new Set(heard.filter((s) => s.key === key).map((s) => s.state))];

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  heard = [];
  uploads = new Uploads({
    create: (...a) => server.create(...a),
    append: (id, offset, bytes) => server.append(id, offset, bytes),
    remove: (...a) => server.remove(...a),
    onChange: (s) => heard.push(s),
    random: () => 0.5,
    now: () => Date.now(),
  });
});
afterEach(() => vi.useRealTimers());

/** Every byte is there, and none came twice. */
const whole = (key: string, blob: Blob) => {
  const { bytes, got } = server.files.get(key)!;
  expect(got).toBe(blob.size);
  expect(bytes.every((byte, i) => byte === bytesOf(blob)[i])).toBe(true);
};

describe('Uploads', () => {
  it('sends a file in pieces that grow with the connection, and tells how far it is', async () => {
    const blob = content(900 * kib);
    uploads.add('a', 'a.png', blob.size, blob);
    await settle();
    expect(server.calls).toEqual([
      'create a',
      'append 0+131072',
      'append 131072+262144',
      'append 393216+524288',
      'append 917504+4096',
    ]);
    const sent = heard.map((s) => s.sent);
    expect(sent).toEqual([...sent].sort((x, y) => x - y));
    expect(uploads.get('a')).toMatchObject({ state: 'ready', id: 'u-a', sent: blob.size });
    whole('a', blob);
  });

  it('never sends a piece larger than the server takes', async () => {
    server.chunk = 64 * kib;
    const blob = content(200 * kib);
    uploads.add('a', 'a', blob.size, blob);
    await settle();
    expect(server.calls.slice(1).every((c) => Number(c.split('+')[1]) <= 64 * kib)).toBe(true);
    whole('a', blob);
  });

  it('goes on where it stopped when the network comes back, at once when it is told so', async () => {
    const blob = content(400 * kib);
    server.problems = [undefined, undefined, offline()];
    uploads.add('a', 'a', blob.size, blob);
    await settle();
    expect(uploads.get('a')).toMatchObject({ state: 'waiting', sent: 128 * kib });
    uploads.wake();
    await settle();
    expect(uploads.get('a')?.state).toBe('ready');
    whole('a', blob);
  });

  it('does not double the bytes of a piece whose answer was lost', async () => {
    const blob = content(300 * kib);
    server.loseAnswer = true;
    uploads.add('a', 'a', blob.size, blob);
    await settle(60_000);
    expect(uploads.get('a')?.state).toBe('ready');
    whole('a', blob);
  });

  it('believes the server about how far it is', async () => {
    const blob = content(300 * kib);
    await server.create('a', 'a', blob.size);
    const known = server.create;
    // An answer from before: the server is further by now.
    server.create = async (...a) => ({ ...(await known(...a)), offset: 0 });
    await server.append('u-a', 0, blob.slice(0, 1000));
    uploads.add('a', 'a', blob.size, blob);
    await settle();
    expect(uploads.get('a')?.state).toBe('ready');
    whole('a', blob);
  });

  it('begins again when the server has thrown the upload away', async () => {
    const blob = content(300 * kib);
    server.problems = [undefined, undefined, new RequestError('permanent', 404, 'not_found', 'gone', 'r')];
    const { create } = server;
    let first = true;
    server.create = async (...a) => {
      if (!first) server.files.delete('a');
      first = false;
      return create(...a);
    };
    uploads.add('a', 'a', blob.size, blob);
    await settle();
    expect(uploads.get('a')?.state).toBe('ready');
    whole('a', blob);
  });

  it('stops at a server that disagrees for ever, rather than going round in circles', async () => {
    const conflict = () => new RequestError('permanent', 409, 'conflict', 'no', 'r', 0, {}, { offset: 0 });
    server.problems = [undefined, ...Array.from({ length: 50 }, conflict)];
    uploads.add('a', 'a', 10, content(10));
    await settle(10_000);
    expect(uploads.get('a')?.state).toBe('refused');
    expect(server.calls.length).toBeLessThan(12);
  });

  it('says why a file is refused, and asks no more', async () => {
    server.verdict = { state: 'refused', problem: 'A virus was found.' };
    uploads.add('a', 'a', 10, content(10));
    await settle(60_000);
    expect(uploads.get('a')).toMatchObject({ state: 'refused', problem: { message: 'A virus was found.' } });
    expect(server.calls).toHaveLength(2);
  });

  it('waits for the server to finish checking', async () => {
    server.verdict = {};
    uploads.add('a', 'a', 10, content(10));
    await settle(2_500);
    expect(uploads.get('a')?.state).toBe('uploading');
    const f = server.files.get('a')!;
    f.upload = { ...f.upload, state: 'ready' };
    await settle(1_500);
    expect(uploads.get('a')?.state).toBe('ready');
  });

  it('after a reload finds what the server has, asks for the file, and sends only the rest', async () => {
    const blob = content(300 * kib);
    await server.create('a', 'a', blob.size);
    await server.append('u-a', 0, blob.slice(0, 200 * kib));
    uploads.add('a', 'a', blob.size);
    await settle();
    expect(uploads.get('a')).toMatchObject({ state: 'lost', sent: 200 * kib });
    server.calls.length = 0;
    uploads.give('a', blob);
    await settle();
    expect(server.calls).toEqual([`append ${200 * kib}+${100 * kib}`]);
    whole('a', blob);
  });

  it('after a reload needs no file when the server has all of it', async () => {
    await server.create('a', 'a', 10);
    await server.append('u-a', 0, content(10));
    uploads.add('a', 'a', 10);
    await settle();
    expect(states('a')).toEqual(['line', 'uploading', 'ready']);
  });

  it('tells the server when a file is not wanted any more, and never speaks of it again', async () => {
    let answer: (u: Upload) => void = () => undefined;
    const { append } = server;
    server.append = async (...a) => {
      const done = await append(...a);
      return new Promise((r) => (answer = () => r(done)));
    };
    uploads.add('a', 'a', 10, content(10));
    await settle();
    heard = [];
    uploads.cancel('a');
    answer({} as Upload);
    await settle(60_000);
    expect([server.removed, heard, uploads.get('a')]).toEqual([['u-a'], [], undefined]);
  });

  it('says when a file cannot be read any more', async () => {
    const blob = content(10);
    blob.slice = () => {
      throw new DOMException('gone', 'NotReadableError');
    };
    uploads.add('a', 'a', 10, blob);
    await settle();
    expect(uploads.get('a')).toMatchObject({ state: 'refused', problem: { code: 'unreadable' } });
  });

  it('sends two at a time, the others in their turn', async () => {
    for (const k of ['a', 'b', 'c']) uploads.add(k, k, 10, content(10));
    expect(uploads.get('c')?.state).toBe('line');
    await settle();
    expect(['a', 'b', 'c'].map((k) => uploads.get(k)?.state)).toEqual(['ready', 'ready', 'ready']);
  });

  it.each(Array.from({ length: 60 }, (_, i) => i + 1))(
    'has every byte once, whatever gets lost, doubled, forgotten or reloaded (%i)',
    async (seed) => {
      const chance = new Chance(seed);
      const blobs = new Map(['a', 'b', 'c'].map((k) => [k, content(1 + chance.below(700 * kib))]));
      for (const [k, blob] of blobs) uploads.add(k, k, blob.size, blob);
      for (let i = 0; i < 25; i++) {
        const what = chance.below(5);
        if (what === 0) server.problems.push(undefined, offline());
        if (what === 1) server.loseAnswer = true;
        if (what === 2) server.problems.push(new RequestError('retryable', 503, 'unavailable', 'busy', 'r'));
        if (what === 3 && chance.yes(0.3)) {
          uploads.clear();
          for (const [k, blob] of blobs) uploads.add(k, k, blob.size);
          await settle(200);
          for (const [k, blob] of blobs) uploads.give(k, blob);
        }
        if (what === 4) uploads.wake();
        await settle(chance.below(2_000));
      }
      server.problems = [];
      server.loseAnswer = false;
      await settle(120_000);
      for (const [k, blob] of blobs) {
        expect(uploads.get(k)?.state).toBe('ready');
        whole(k, blob);
      }
    },
    20_000,
  );
});
