// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { QueuePlace } from '../../sdk';
import { conversation, message } from '../../sdk/test/messages';
import { bytesOf } from '../src/bytes';
import { en } from '../src/i18n/en';
import { lateEn } from '../src/i18n/late_en';
import { lateZhCN } from '../src/i18n/late_zh_cn';
import { lateZhTW } from '../src/i18n/late_zh_tw';
import { zhCN } from '../src/i18n/zh_cn';
import { zhTW } from '../src/i18n/zh_tw';
import { filesOf, placeOf } from '../src/picture';
import { agentOf, placeText, waitText } from '../src/place';
import type { Row } from '../src/rows';
import { expectedText } from '../src/stages';

const now = new Date(2026, 2, 10, 9, 0).getTime();
const at = (hour: number, day = 10) => new Date(2026, 2, day, hour).getTime() * 1000;
const place = (over: Partial<QueuePlace>): QueuePlace => ({
  state: 'waiting',
  position: 3,
  wait_low: 170,
  wait_high: 350,
  opens_at: 0,
  ...over,
});
const said = (p: QueuePlace | undefined, over = {}, agent = '') =>
  placeText({ ...conversation(), ...over }, p, agent, 'en', en, lateEn, now);

describe('what is said about the wait', () => {
  it('is the place in line and an honest range, rounded outwards', () => {
    expect(said(place({}))).toEqual({
      state: 'waiting',
      title: 'You are number 3 in line',
      sub: 'About 2–6 minutes',
    });
    expect(said(place({ position: 1 })).title).toBe('You are next');
  });
  it('is no number when nothing honest can be said', () => {
    expect(said(place({ wait_low: 0, wait_high: 0 })).sub).toBe(lateEn.placeWaitUnknown);
  });
  it.each([
    [20, 60, 'About a minute'],
    [60, 120, 'About 1–2 minutes'],
    [300, 300, 'About 5 minutes'],
    [3_600, 5_400, 'About 60–90 minutes'],
    [5_400, 9_000, 'About 1–3 hours'],
  ])('is in minutes or hours as people say it (%i–%i s)', (wait_low, wait_high, text) =>
    expect(waitText({ wait_low, wait_high }, lateEn)).toBe(text),
  );
  it('is when somebody is back, when nobody is there', () => {
    expect(said(place({ state: 'closed', opens_at: at(14) })).sub).toContain('today at 2:00');
    expect(said(place({ state: 'closed' })).sub).toBe(lateEn.placeClosedSub);
  });
  it('is the name of whoever took it, as soon as that is known', () => {
    expect(said(place({ state: 'assigned' }), {}, 'Lin').title).toBe('Lin is with you');
    expect(said(place({ state: 'assigned' })).title).toBe(lateEn.placeWithUs);
    expect(said(place({ state: 'assigned', agent: 'Mei' })).title).toBe(lateEn.placeWith('Mei'));
    expect(said(undefined, { assignee_id: '9' }).state).toBe('with');
  });
  it('makes no promise of a chat to somebody who left a message', () => {
    expect(said(place({ state: 'none' }), { mode: 'message' }).title).toBe(lateEn.placeLeft);
  });
  it('is never nothing', () => {
    expect(said(undefined).title).toBe(lateEn.placeOpen);
    expect(said(undefined, { status: 'resolved' }).title).toBe(lateEn.placeResolved);
  });
  it('is in the reader’s language', () => {
    const zh = placeText(conversation(), place({}), '', 'zh-CN', zhCN, lateZhCN, now);
    expect([zh.title, zh.sub]).toEqual(['您排在第 3 位', '约 2–6 分钟']);
    expect(placeText(conversation(), place({}), '', 'zh-TW', zhTW, lateZhTW, now).sub).toBe('約 2–6 分鐘');
  });
});

describe('who answers', () => {
  const event = (seq: number, type: 'assignee' | 'handover' | 'returned', to = '') =>
    message(seq, { author_kind: 'system', author_name: '', event: { type, from: '', to } });
  it('is whoever wrote or took it last', () => {
    expect(agentOf([])).toBe('');
    expect(agentOf([message(1), event(2, 'assignee', 'Mei')])).toBe('Mei');
    expect(agentOf([event(1, 'assignee', 'Mei'), message(2)])).toBe('Lin');
  });
  it('is nobody known after it was passed on', () => {
    expect(agentOf([message(1), event(2, 'handover')])).toBe('');
    expect(agentOf([message(1), event(2, 'returned')])).toBe('');
  });
});

describe('when an answer may be expected', () => {
  const r = (low: number, high: number, awaiting: 'us' | 'you' = 'us') =>
    expectedText({ awaiting, expected_low: low, expected_high: high }, 'en', en, lateEn, now);
  it('is a range in the reader’s own time', () => {
    expect(r(at(14), at(16))).toMatch(/^Answer expected today at 2:00.PM–4:00.PM$/);
    expect(r(at(14), at(10, 11))).toMatch(/today at 2:00.PM – tomorrow at 10:00.AM/);
  });
  it('is a last moment once the first has passed', () =>
    expect(r(at(8), at(16))).toMatch(/by today at 4:00/));
  it('is an apology when it was missed, not a date in the past', () =>
    expect(r(at(7), at(8))).toBe(lateEn.expectedLate));
  it('is not said when the customer must answer, or nothing is known', () =>
    expect([r(at(14), at(16), 'you'), r(0, 0)]).toEqual(['', '']));
  it('reads well in Chinese', () =>
    expect(
      expectedText(
        { awaiting: 'us', expected_low: at(14), expected_high: at(16) },
        'zh-TW',
        zhTW,
        lateZhTW,
        now,
      ),
    ).toBe('預計今天 下午2:00–下午4:00回覆'));
});

describe('files of a message', () => {
  const bubble = (over: Partial<Extract<Row, { kind: 'bubble' }>>) =>
    ({ kind: 'bubble', files: [], ...over }) as Extract<Row, { kind: 'bubble' }>;
  const picture = {
    id: 'u1',
    name: 'a.png',
    mime: 'image/png',
    size: 9,
    width: 1200,
    height: 800,
    url: '/f',
    preview_url: '/p',
  };
  it('show this device’s own copy of a picture as long as there is one', () => {
    expect(filesOf(bubble({ files: [picture] }), () => 'blob:x')[0]?.src).toBe('blob:x');
    expect(filesOf(bubble({ files: [picture] }), () => '')[0]?.src).toBe('/p');
  });
  it('are cards unless the server made a picture of them', () => {
    const { width: _, height: __, ...plain } = picture;
    expect(filesOf(bubble({ files: [plain] }), () => 'blob:x')[0]).toMatchObject({ src: '', picture: false });
  });
  it('have their place before they are there, of a size that fits a phone', () => {
    expect(placeOf(picture, false)).toEqual({ width: 240, height: 160 });
    expect(placeOf({ width: 400, height: 4_000 }, false)).toEqual({ width: 72, height: 260 });
    expect(placeOf({ width: 10, height: 10 }, false)).toEqual({ width: 72, height: 72 });
    expect(placeOf(picture, true)).toEqual({ width: 118, height: 118 });
  });
  it.each([
    [12, '1 KB'],
    [640_000, '640 KB'],
    [2_440_000, '2.4 MB'],
    [25_000_000, '25 MB'],
  ])('say their size as people do (%i)', (n, text) => expect(bytesOf(n, 'en')).toBe(text));
});
