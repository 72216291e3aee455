import type { Conversation, Message, QueuePlace, ReadingLocale } from '../../sdk';
import { soonOf, type Catalogue, type LateCatalogue } from './i18n';

export interface PlaceText {
  state: 'waiting' | 'with' | 'closed' | 'left' | 'open' | 'resolved';
  title: string;
  sub: string;
}

/** What is said above a conversation about when somebody answers. Never more than is known. */
export function placeText(
  c: Conversation,
  place: QueuePlace | undefined,
  agent: string,
  locale: ReadingLocale,
  t: Catalogue,
  w: LateCatalogue,
  now: number,
): PlaceText {
  const say = (state: PlaceText['state'], title: string, sub = ''): PlaceText => ({ state, title, sub });
  if (c.status === 'resolved') return say('resolved', w.placeResolved);
  if (place?.state === 'assigned' || c.assignee_id) {
    const who = agent || (place?.agent ?? '');
    return say('with', who ? w.placeWith(who) : w.placeWithUs, w.placeWithSub);
  }
  if (place?.state === 'closed') {
    const sub = place.opens_at > 0 ? w.placeOpens(soonOf(place.opens_at, locale, t, now)) : w.placeClosedSub;
    return say('closed', w.placeClosed, sub);
  }
  if (c.mode === 'message') return say('left', w.placeLeft, w.placeLeftSub);
  if (place?.state !== 'waiting') return say('open', w.placeOpen);
  const { position } = place;
  const title = position > 1 ? w.placeNumber(position) : position === 1 ? w.placeNext : w.placeOpen;
  return say('waiting', title, waitText(place, w));
}

/** "About 3–6 minutes". Rounded outwards, so that the range stays true. */
export function waitText(
  { wait_low, wait_high }: Pick<QueuePlace, 'wait_low' | 'wait_high'>,
  w: LateCatalogue,
): string {
  if (wait_high <= 0) return w.placeWaitUnknown;
  const [low, high] = [Math.max(1, Math.floor(wait_low / 60)), Math.ceil(wait_high / 60)];
  if (high <= 90) return w.placeWait(low, high);
  return w.placeWaitHours(Math.max(1, Math.floor(low / 60)), Math.ceil(high / 60));
}

/** Who answers, as far as was said in the thread: whoever took it last, or wrote last. */
export function agentOf(messages: readonly Message[]): string {
  for (let i = messages.length - 1; i >= 0; i--) {
    const { event, author_kind, author_name } = messages[i] as Message;
    if (author_kind === 'agent') return author_name;
    if (event?.type === 'assignee') return event.to;
    if (event?.type === 'handover' || event?.type === 'returned') return '';
  }
  return '';
}
