import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../sdk';
import { Desk } from '../src/lib/desk.svelte';
import { conversation, settle } from './make';

function desk(pages: Conversation[][]) {
  const asked: { cursor?: string }[] = [];
  const api = {
    conversations: (q: { cursor?: string }) => {
      asked.push(q);
      const at = Number(q.cursor ?? 0);
      return Promise.resolve({
        conversations: pages[at] ?? [],
        next: at + 1 < pages.length ? String(at + 1) : '',
      });
    },
    conversation: (id: string) =>
      Promise.resolve({ conversation: conversation({ id, updated_at: 99 }), contact_online: false }),
    counts: () =>
      Promise.resolve({ mine: 1, unassigned: 2, open: 3, waiting: 4, resolved: 5, all: 6, unread: 7 }),
  };
  return { asked, desk: new Desk(api, 0) };
}

const open = { view: 'open', team: '', me: '11' } as const;
const ids = (d: Desk) => d.items.map((c) => c.id);

describe('the list', () => {
  it('adds the next page once', async () => {
    const { desk: d } = desk([[conversation({ id: '2', updated_at: 2 })], [conversation({ id: '1' })]]);
    await d.show(open);
    await Promise.all([d.more(), d.more()]);
    expect(ids(d)).toEqual(['2', '1']);
    expect(d.hasMore).toBe(false);
  });

  it('new work arrives on top with its name, and the selection stays', async () => {
    const { desk: d } = desk([[conversation({ id: '2', updated_at: 2 })]]);
    await d.show(open);
    d.select('2');
    const { contact: _, ...published } = conversation({ id: '5', updated_at: 50 });
    d.apply(published);
    expect(ids(d)).toEqual(['5', '2']);
    expect(d.cursor).toBe('2');
    await settle();
    expect(d.find('5')?.contact?.name).toBe('Olivia');
  });

  it('an answered conversation stays until one moves on, also through a refresh', async () => {
    const pages = [[conversation({ id: '2', updated_at: 2 }), conversation({ id: '1' })]];
    const { desk: d } = desk(pages);
    await d.show(open);
    d.select('2');
    d.apply({ id: '2', status: 'waiting', updated_at: 3 });
    pages[0] = [conversation({ id: '1' })];
    await d.refresh();
    expect(ids(d)).toEqual(['2', '1']);
    d.select('1');
    expect(ids(d)).toEqual(['1']);
  });

  it('moves by keys and stops at the ends', async () => {
    const { desk: d } = desk([[conversation({ id: '2', updated_at: 2 }), conversation({ id: '1' })]]);
    await d.show(open);
    expect(d.neighbour(1)).toBe('2');
    d.select('1');
    expect(d.neighbour(1)).toBe('1');
    expect(d.neighbour(-1)).toBe('2');
  });
});
