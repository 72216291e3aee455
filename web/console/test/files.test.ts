import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type Upload } from '../../sdk';
import { Attach, maxFiles } from '../src/lib/attach.svelte';
import { extension, fileSize, fit, isPicture, previewable } from '../src/lib/files';
import { continued, pictures, receipt } from '../src/lib/thread_rows';
import { message, settle } from './make';

function server() {
  const state = { refuse: '', offline: false, removed: [] as string[], bytes: new Map<string, number>() };
  const upload = (id: string, size: number): Upload => {
    const offset = state.bytes.get(id) ?? 0;
    return {
      id,
      name: id,
      size,
      offset,
      chunk: 1 << 20,
      state: state.refuse !== '' ? 'refused' : offset >= size ? 'ready' : 'uploading',
      ...(state.refuse === '' ? {} : { problem: state.refuse }),
    };
  };
  const sizes = new Map<string, number>();
  const down = () => Promise.reject(new RequestError('offline', 0, '', 'no network', 'r'));
  const api = {
    createUpload: (clientId: string, _name: string, size: number) => {
      sizes.set(`u-${clientId}`, size);
      return state.offline ? down() : Promise.resolve(upload(`u-${clientId}`, size));
    },
    appendUpload: (id: string, offset: number, bytes: Blob) => {
      if (state.offline) return down();
      state.bytes.set(id, offset + bytes.size);
      return Promise.resolve(upload(id, sizes.get(id) ?? 0));
    },
    removeUpload: (id: string) => {
      state.removed.push(id);
      return Promise.resolve();
    },
  };
  return { state, api };
}

const file = (name: string, size = 5, type = 'application/pdf') =>
  new File(['x'.repeat(size)], name, { type });

describe('files for the next message', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('go to the server at once and are taken with the message, in order', async () => {
    const { api } = server();
    const a = new Attach(api);
    a.add([file('one.pdf'), file('two.pdf')]);
    expect(a.busy).toBe(true);
    await settle();
    expect(a.busy).toBe(false);
    const taken = a.take();
    expect(taken.map((f) => f.name)).toEqual(['one.pdf', 'two.pdf']);
    expect(taken.every((f) => f.id?.startsWith('u-') === true)).toBe(true);
    expect(a.items).toEqual([]);
  });

  it('a refused file says why, and only a hand takes it out', async () => {
    const { api, state } = server();
    state.refuse = 'This may be a virus.';
    const a = new Attach(api);
    a.add([file('bad.exe')]);
    await settle();
    expect(a.items[0]).toMatchObject({ state: 'refused', problem: 'This may be a virus.' });
    expect([a.busy, a.troubled]).toEqual([false, true]);
    expect(a.take()).toEqual([]);
    a.remove(a.items[0]?.key ?? '');
    expect([a.items.length, state.removed.length]).toEqual([0, 1]);
  });

  it('waits for the network and goes on by itself', async () => {
    const { api, state } = server();
    state.offline = true;
    const a = new Attach(api, undefined, () => 0.5);
    a.add([file('late.pdf')]);
    await settle();
    expect(a.items[0]?.state).toBe('waiting');
    expect(a.busy).toBe(true);
    state.offline = false;
    a.wake();
    await settle();
    expect(a.items[0]?.state).toBe('ready');
  });

  it('what a message that was not sent had carried comes back once', async () => {
    const { api } = server();
    const a = new Attach(api);
    a.add([file('one.pdf')]);
    await settle();
    const taken = a.take();
    a.restore(taken);
    a.restore(taken);
    expect(a.items.map((i) => [i.name, i.state])).toEqual([['one.pdf', 'ready']]);
    expect(a.take()).toEqual(taken);
  });

  it('takes as many as the server does and says that the rest was left out; previews are given back', async () => {
    const { api } = server();
    const revoked: string[] = [];
    let made = 0;
    const a = new Attach(api, { create: () => `blob:${++made}`, revoke: (url) => revoked.push(url) });
    a.add(Array.from({ length: maxFiles + 2 }, (_, i) => file(`${i}.png`, 3, 'image/png')));
    expect([a.items.length, a.tooMany]).toEqual([maxFiles, true]);
    await settle();
    a.take();
    expect(revoked).toHaveLength(maxFiles);
    expect(a.tooMany).toBe(false);
  });
});

describe('what is said about a file', () => {
  const attachment = { id: '1', name: 'a.png', mime: 'image/png', size: 10, width: 800, height: 400 };

  it('its size, its kind, and a place for its picture before it comes', () => {
    expect(fileSize(1_234_567, 'en')).toBe('1.2 MB');
    expect(fileSize(842, 'en')).toBe('842 bytes');
    expect([extension('statement.PDF'), extension('.profile'), extension('noend')]).toEqual(['PDF', '', '']);
    expect(fit(800, 400, { width: 320, height: 260 })).toEqual({ width: 320, height: 160 });
    expect(fit(20, 10, { width: 320, height: 260 })).toEqual({ width: 20, height: 10 });
  });

  it('a picture is shown only when the server has made it safe', () => {
    expect(isPicture(attachment)).toBe(true);
    expect(isPicture({ ...attachment, active: true })).toBe(false);
    expect(isPicture({ id: '1', name: 'a.svg', mime: 'image/svg+xml', size: 10 })).toBe(false);
    expect(previewable('image/svg+xml')).toBe(false);
  });

  it('the viewer goes through the pictures of the thread in order', () => {
    const with2 = message(1, { attachments: [{ ...attachment, url: '/1' }] });
    const none = message(2);
    const with3 = message(3, {
      attachments: [
        { ...attachment, id: '2', url: '/2' },
        { id: '3', name: 'x.zip', mime: 'application/zip', size: 1, url: '/3' },
      ],
    });
    expect(pictures([with2, none, with3]).map((p) => p.id)).toEqual(['1', '2']);
  });
});

describe('between messages', () => {
  it('one after another from the same person, but not after something happened', () => {
    const event = { type: 'assignee', from: '', to: 'Mei' } as const;
    const list = [
      message(1),
      message(2),
      message(3, { author_kind: 'system', author_id: '', event }),
      message(4),
    ];
    expect([1, 2, 3].map((i) => continued(list, i, 0))).toEqual([true, false, false]);
    expect(continued(list, 1, 2)).toBe(false);
  });

  it('a reply is sent, delivered or read by what is known', () => {
    expect([receipt(5, 4, 4), receipt(5, 4, 5), receipt(5, 5, 0)]).toEqual(['sent', 'delivered', 'read']);
  });
});
