import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../sdk';
import { append, belongs, compare, merge, place, type Filter } from '../src/lib/ordering';
import { conversation } from './make';

const me = '11';
const filter = (view: Filter['view'], team = ''): Filter => ({ view, team, me });
const ids = (list: readonly Conversation[]) => list.map((c) => c.id);

describe('what a view holds', () => {
  it('mine leaves out what is resolved, unassigned also what waits for the customer', () => {
    expect(belongs(conversation({ status: 'waiting' }), filter('unassigned'))).toBe(false);
    expect(belongs(conversation({ assignee_id: me }), filter('mine'))).toBe(true);
    expect(belongs(conversation({ assignee_id: me, status: 'resolved' }), filter('mine'))).toBe(false);
    expect(belongs(conversation({ assignee_id: '12' }), filter('mine'))).toBe(false);
    expect(belongs(conversation({}), filter('unassigned'))).toBe(true);
    expect(belongs(conversation({ team_id: '2' }), filter('all', '1'))).toBe(false);
  });
});

describe('live changes in a list', () => {
  const list = [
    conversation({ id: '3', updated_at: 30 }),
    conversation({ id: '2', updated_at: 20 }),
    conversation({ id: '1', updated_at: 10 }),
  ];

  it('newest activity comes first; a new message moves its conversation to the top', () => {
    expect(ids(place(list, conversation({ id: '1', updated_at: 40 }), filter('open'), ''))).toEqual([
      '1',
      '3',
      '2',
    ]);
    expect(ids([...list].reverse().sort(compare))).toEqual(['3', '2', '1']);
  });

  it('what leaves the view leaves the list, but never from under the hands of the agent', () => {
    const gone = conversation({ id: '2', updated_at: 20, status: 'waiting' });
    expect(ids(place(list, gone, filter('open'), ''))).toEqual(['3', '1']);
    expect(ids(place(list, gone, filter('open'), '2'))).toEqual(['3', '2', '1']);
  });

  it('an open conversation of another view does not creep into this one', () => {
    expect(ids(place(list, conversation({ id: '9', status: 'resolved' }), filter('open'), '9'))).toEqual([
      '3',
      '2',
      '1',
    ]);
  });

  it('a page never doubles what came live', () => {
    expect(ids(append(list, [conversation({ id: '1' }), conversation({ id: '0' })]))).toEqual([
      '3',
      '2',
      '1',
      '0',
    ]);
  });
});

describe('joining a publication with what is known', () => {
  const known = conversation({ id: '1', updated_at: 20 });

  it('keeps the contact that publications leave out', () => {
    const { contact: _, ...update } = conversation({ id: '1', updated_at: 21, status: 'waiting' });
    expect(merge(known, update)).toMatchObject({ status: 'waiting', contact: { name: 'Olivia' } });
  });

  it('an older one undoes nothing', () => {
    expect(merge(known, { id: '1', updated_at: 19, status: 'resolved' })).toBe(known);
  });

  it('half a conversation that is not known cannot be shown', () => {
    expect(merge(undefined, { id: '7', status: 'open' })).toBeNull();
  });
});
