import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { voteInPlace } from './vote';

const html = `
  <section data-vote="/api/v1/articles/security/stolen/vote" data-locale="zh-TW" data-failed="Try again." tabindex="-1">
    <div class="vote-thanks" role="status" hidden></div>
    <template><p>Thank you. <a href="/app" data-chat>Chat</a></p></template>
    <div class="vote-ask">
      <form id="yes"><button name="helpful" value="yes">Yes</button></form>
      <form id="no">
        <input type="radio" name="reason" value="wrong" checked>
        <textarea name="comment">step 2 is old</textarea>
        <button name="helpful" value="no">Send</button>
      </form>
    </div>
  </section>`;

let box: HTMLElement;
const submit = async (id: string) => {
  const form = document.getElementById(id) as HTMLFormElement;
  const event = new Event('submit', { cancelable: true });
  form.dispatchEvent(event);
  await new Promise((done) => setTimeout(done, 0));
  return event;
};

beforeEach(() => {
  document.body.innerHTML = html;
  box = document.querySelector('section') as HTMLElement;
  voteInPlace(box);
});
afterEach(() => vi.unstubAllGlobals());

const answers = (ok: boolean) => {
  const fetch = vi.fn((..._: unknown[]) => Promise.resolve({ ok, status: ok ? 204 : 429 }));
  vi.stubGlobal('fetch', fetch);
  return () => JSON.parse((fetch.mock.calls[0]?.[1] as { body: string }).body) as unknown;
};

test('a yes is sent and thanked for in place, with the way to a person', async () => {
  const sent = answers(true);
  expect((await submit('yes')).defaultPrevented).toBe(true);
  expect(sent()).toEqual({ locale: 'zh-TW', helpful: true });
  expect(box.querySelector('.vote-thanks')?.textContent).toContain('Thank you.');
  expect(box.querySelector('.vote-thanks [data-chat]')).not.toBeNull();
  expect(box.querySelector<HTMLElement>('.vote-ask')?.hidden).toBe(true);
  expect(document.activeElement).toBe(box);
});

test('a no takes its reason and comment along', async () => {
  const sent = answers(true);
  await submit('no');
  expect(sent()).toEqual({ locale: 'zh-TW', helpful: false, reason: 'wrong', comment: 'step 2 is old' });
});

test('when it does not arrive nothing is lost and it can be sent again', async () => {
  answers(false);
  await submit('no');
  expect(box.querySelector('.vote-thanks')?.textContent).toBe('Try again.');
  expect(box.querySelector<HTMLElement>('.vote-ask')?.hidden).toBe(false);
  expect(box.querySelector('textarea')?.value).toBe('step 2 is old');
  expect(box.querySelector('button')?.disabled).toBe(false);
});
