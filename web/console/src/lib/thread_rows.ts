// What stands between the messages of a thread.

import type { Attachment, Message, Seq } from '../../../sdk';
import { isPicture } from './files';
import { daysBetween, millis } from './format';

export function newDay(messages: readonly Message[], i: number): boolean {
  const before = messages[i - 1];
  const m = messages[i];
  return (
    before === undefined ||
    m === undefined ||
    daysBetween(new Date(millis(before.created_at)), new Date(millis(m.created_at))) !== 0
  );
}

/** Follows one after another from the same person within five minutes: no need to say again who it is. */
export function continued(messages: readonly Message[], i: number, newFrom: Seq): boolean {
  const before = messages[i - 1];
  const m = messages[i];
  return (
    before !== undefined &&
    m !== undefined &&
    !newDay(messages, i) &&
    m.seq !== newFrom &&
    before.event == null &&
    before.author_kind === m.author_kind &&
    before.author_id === m.author_id &&
    before.visibility === m.visibility &&
    m.created_at - before.created_at < 300e6
  );
}

/** The pictures that can be looked at, in order. */
export function pictures(messages: readonly Message[]): Attachment[] {
  return messages.flatMap((m) => (m.attachments ?? []).filter((a) => isPicture(a) && a.url !== undefined));
}

/** What is known of the newest reply: repeating it on each would be noise. */
export function receipt(seq: Seq, readSeq: Seq, deliveredSeq: Seq): 'read' | 'delivered' | 'sent' {
  return readSeq >= seq ? 'read' : deliveredSeq >= seq ? 'delivered' : 'sent';
}
