// Somebody in panic pastes a recovery phrase. Whoever can read it can take everything.
import { expect } from 'vitest';
import { onEachEngine } from './stage/cast';
import { locales, type Locale } from './stage/words';

// The second test vector of BIP-39: valid, and nobody's.
const phrase = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const plea = {
  en: { opening: 'I cannot see my coins.', before: 'Here is my phrase:', after: 'please help' },
  'zh-CN': { opening: '我看不到我的币。', before: '这是我的助记词：', after: '请帮帮我' },
} as const;

const redacted = (locale: Locale) =>
  onEachEngine(`a recovery phrase is gone before anybody reads it, ${locale}`, async (cast, engine) => {
    const { opening, before, after } = plea[locale];
    const customer = await cast.customer(engine, locale);
    const agent = await cast.agent(engine, {
      email: locale === 'en' ? 'mei@meridian.example' : 'lin@meridian.example',
      locale,
    });
    let leaked = '';
    agent.page.on('response', (r) => {
      r.text().then(
        (body) => (leaked += body.includes('sausage') ? r.url() : ''),
        () => undefined, // an answer that was cut off says nothing
      );
    });
    agent.page.on('websocket', (s) =>
      s.on(
        'framereceived',
        ({ payload }) => (leaked += payload.toString().includes('sausage') ? s.url() : ''),
      ),
    );
    await agent.view('open');
    await customer.begin(opening, 'locked_out');
    await agent.open(opening);

    await customer.write(`${before} ${phrase} ${after}`);
    await customer.widget.getByText(customer.w.guardTitle).waitFor();
    await customer.widget.getByText(customer.w.guardPhrase).waitFor();
    await agent.sees(after);
    await agent.page.getByText(agent.t.finding.removed(agent.t.finding.kinds['bip39'] ?? '')).waitFor();
    for (const words of [(await customer.thread())[1], (await agent.thread())[1]]) {
      expect(words).toContain(before);
      expect(words).toContain(after);
      expect(words).not.toContain('sausage');
    }
    const frame = customer.page.frames()[1];
    expect(await frame?.evaluate(() => JSON.stringify(localStorage))).not.toContain('sausage');
    expect(leaked).toBe('');
  });

for (const locale of locales) redacted(locale);
