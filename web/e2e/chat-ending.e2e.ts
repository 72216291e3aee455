// How a conversation ends, and how one finds it again.
import { describe, expect } from 'vitest';
import { onEachEngine, sqlite, test } from './stage/cast';
import { phone } from './stage/customer';
import { Floor } from './stage/floor';
import { type Locale } from './stage/words';

const say = {
  en: ['My card was charged twice.', 'One of them is on its way back.', 'Quick and kind.'],
  'zh-CN': ['我的卡被扣了两次。', '其中一笔正在退回。', '又快又好。'],
} as const;

const ending = () =>
  onEachEngine('ended, rated, mailed and found again', async (cast, engine) => {
    const locale: Locale = engine.name === 'SQLite' ? 'zh-CN' : 'en';
    const [question, answer, praise] = say[locale];
    const floor = await Floor.clear(engine);
    const agent = await cast.present(engine, 'mei', { locale });
    const customer = await cast.customer(engine, locale, phone);
    const { widget, t, w } = customer;
    await customer.begin(question);
    await agent.open(question);
    await agent.reply(answer);
    await customer.sees(answer);

    await customer.choose(w.menuTranscript);
    const sheet = widget.getByRole('dialog', { name: w.transcriptTitle });
    const address = `reader-${locale.toLowerCase()}@customers.example`;
    await sheet.getByRole('textbox', { name: w.email }).fill(address);
    await sheet.getByRole('button', { name: w.transcriptYes, exact: true }).click();
    await sheet.getByText(w.transcriptDone(address)).waitFor();
    await sheet.getByRole('button', { name: w.close, exact: true }).last().click();
    await expect.poll(() => floor.mails(), { timeout: 15_000 }).toContain(address);
    for (const words of [question, answer]) expect(await floor.mails()).toContain(words);

    await customer.choose(w.menuEnd);
    await widget.getByRole('dialog', { name: w.endTitle }).getByRole('button', { name: w.endYes }).click();
    await customer.placeSays(w.placeResolved);
    await agent.page
      .getByText(agent.t.life.endedBy['contact'] ?? '')
      .first()
      .waitFor();
    await widget.locator('.star').nth(3).click();
    await widget.getByRole('textbox', { name: w.rateComment }).fill(praise);
    await widget.getByRole('button', { name: w.rateSend }).click();
    await widget.getByText(w.rateGiven(4, w.rateStars[3] ?? '')).waitFor();
    await agent.page.getByRole('img', { name: agent.t.life.stars(4) }).waitFor();
    await agent.page.getByText(praise).waitFor();
    await widget.getByRole('button', { name: w.rateChange }).click();
    await widget.locator('.star').nth(4).click();
    await widget.getByRole('button', { name: w.rateSend }).click();
    await agent.page.getByRole('img', { name: agent.t.life.stars(5) }).waitFor();

    await widget.getByRole('button', { name: w.again }).click();
    await widget.getByText(t.prepareTitle).waitFor();
    await customer.back();
    await customer.choose(w.menuRequests);
    const past = widget.getByRole('region', { name: w.requestsPast });
    await past.getByText(answer).waitFor();
    // Writing again opens it again, with everything that was said.
    await past.getByRole('button').first().click();
    await customer.threadIs(question, answer);
    await customer.write(praise);
    await agent.sees(praise);
    await agent.page.getByRole('button', { name: agent.t.thread.resolve, exact: true }).waitFor();
  });

describe('the end', () => {
  ending();

  test('My requests says where each stands and who owes whom an answer, live', async ({ cast }) => {
    await Floor.clear(sqlite);
    const customer = await cast.customer(sqlite, 'en', phone);
    const { widget, w } = customer;
    await customer.begin('Nobody is here yet.', 'how_to');
    await customer.choose(w.menuRequests);
    const open = widget.getByRole('region', { name: w.requestsOpen });
    await open.getByText(w.awaiting.us).waitFor();
    const stage = (name: string) => open.getByRole('img', { name: new RegExp(`: ${name} `) });
    await stage(w.stages.in_queue).or(stage(w.stages.received)).waitFor();
    const agent = await cast.present(sqlite, 'mei');
    await stage(w.stages.with_agent).waitFor();
    await agent.open('Nobody is here yet.');
    await agent.reply('I am, now.');
    await stage(w.stages.answered).waitFor();
    await open.getByText(w.awaiting.you).waitFor();
    await open.getByText(w.requestsUnread(1)).waitFor();
    await agent.resolve();
    await widget.getByRole('region', { name: w.requestsPast }).getByText('I am, now.').waitFor();
    expect(await open.count()).toBe(0);
  });
});
