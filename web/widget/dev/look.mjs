// Takes pictures of the widget in both languages, themes and sizes, and runs axe on every view.
//   node widget/dev/look.mjs DIR     (CHROMIUM names the browser, default /usr/bin/chromium)
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { startMock } from './mock.mjs';

const out = process.argv[2] ?? 'shots';
const only = process.argv[3] ?? '';
mkdirSync(out, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let problems = 0;
const complain = (where, what) => {
  problems++;
  console.log(where, what);
};

for (const [width, height] of [
  [360, 740],
  [1440, 900],
]) {
  for (const theme of ['light', 'dark']) {
    for (const locale of ['en', 'zh-CN']) {
      const name = `${width}-${theme}-${locale}`;
      if (!name.includes(only)) continue;
      const mock = await startMock();
      const w = mock.words[locale];
      const old = mock.open('transfer_trouble');
      mock.add(old, {
        author_kind: 'contact',
        author_name: '',
        body: w.mine,
        created_at: (Date.now() - 86_400_000) * 1000,
      });
      old.agent_read_seq = 1;
      old.contact_read_seq = 1;
      old.status = 'waiting';
      mock.add(old, { body: w.hello });
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale,
        reducedMotion: 'reduce',
      });
      await context.addInitScript((o) => {
        if (location.origin === o) {
          localStorage.setItem('veridesk.visitor', 'tok');
          localStorage.setItem('veridesk.count', '1');
        }
        window.shifts = [];
        new PerformanceObserver((l) =>
          window.shifts.push(
            ...l
              .getEntries()
              .filter((e) => !e.hadRecentInput)
              .map((e) => e.value),
          ),
        ).observe({ type: 'layout-shift', buffered: true });
      }, mock.origin);
      const page = await context.newPage();
      page.on('console', (m) => {
        const expected = /WebSocket|ERR_INTERNET|favicon|403/.test(m.text() + m.location().url);
        if (m.type() === 'error' && !expected) complain(name, m.text());
      });
      page.on('pageerror', (e) => complain(name, e.message));
      await page.goto(`${mock.host}/?locale=${locale}`);
      const shot = async (step) => {
        await page.waitForTimeout(120);
        await page.screenshot({ path: `${out}/${name}-${step}.png` });
        const target = page.frames()[1] ?? page.mainFrame();
        await target.evaluate(axe);
        const { violations } = await target.evaluate(() =>
          window.axe.run(document, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
          }),
        );
        for (const v of violations)
          complain(
            `${name} ${step}`,
            `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`,
          );
      };
      await page.getByRole('button').first().waitFor();
      await page.screenshot({ path: `${out}/${name}-0-launcher.png` });
      await page.getByRole('button').first().click();
      const f = page.frameLocator('iframe');
      await f.locator('.list a').first().waitFor();
      await shot('1-home');
      const frame = page.frames()[1];
      const shift = await frame.evaluate(() => window.shifts.reduce((a, b) => a + b, 0));
      if (shift > 0.02) complain(name, `layout shift ${shift.toFixed(3)}`);
      await f.locator('input[type=search]').fill(locale === 'en' ? 'network' : '网络');
      await f.locator('mark').first().waitFor();
      await shot('2-search');
      await f.locator('input[type=search]').fill('zzzz');
      await f.locator('.nothing').waitFor();
      await shot('3-nothing');
      await f.locator('.search .tool').click();
      await f.locator('.articles .list a').first().click();
      await f.locator('.prose').waitFor();
      await shot('4-article');
      await f.locator('.head-official').click();
      await f.locator('.steps').waitFor();
      await shot('5-official');
      await f.locator('.head .tool').first().click();
      await f.locator('.head .tool').first().click();
      await f.locator('.lane').first().click();
      await f.locator('.choice').nth(1).click();
      await shot('6-prepare');
      await f.locator('.head .tool').first().click();
      await f.locator('.lane-theft').click();
      await f.locator('.quick').waitFor();
      await shot('7-theft');
      await f.locator('.head .tool').first().click();
      await f.locator('section .list button').first().click();
      await f.locator('.bubble').first().waitFor();
      await shot('8-thread');
      await f.locator('textarea').fill('abandon abandon abandon');
      await f.locator('.send').click();
      await f.locator('.row-guard').waitFor();
      mock.state.failSends = 1;
      await f
        .locator('textarea')
        .fill(locale === 'en' ? 'One more thing: the address ends in 9c1.' : '补充一下：地址以 9c1 结尾。');
      await f.locator('.send').click();
      await f.locator('.bubble-problem').waitFor();
      mock.push({ type: 'typing', conversation_id: old.id, by: 'agent', name: 'Lin' });
      await f.locator('.typing-dots').waitFor({ timeout: 15000 });
      await shot('9-guard');
      await context.setOffline(true);
      await f.locator('.net p').waitFor();
      await shot('10-offline');
      await context.close();
      mock.close();
    }
  }
}
await browser.close();
console.log(problems ? `${problems} problems` : 'no problems');
process.exit(problems ? 1 : 0);
