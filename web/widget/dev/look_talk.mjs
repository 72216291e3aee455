// Pictures of the conversation (files, queue, sheet, rating, "My requests"), with axe on every view.
//   node widget/dev/look_talk.mjs DIR [only]     (CHROMIUM names the browser, default /usr/bin/chromium)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { startMock } from './mock.mjs';

const out = process.argv[2] ?? 'shots';
const only = process.argv[3] ?? '';
mkdirSync(out, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
let problems = 0;
const complain = (where, what) => {
  problems++;
  console.log(where, what);
};

/** A picture of the browser's own making, to send. */
async function picture(page, width, height, text) {
  const data = await page.evaluate(
    ([width, height, text]) => {
      const c = Object.assign(document.createElement('canvas'), { width, height });
      const g = c.getContext('2d');
      const fill = g.createLinearGradient(0, 0, width, height);
      fill.addColorStop(0, '#0b5fd0');
      fill.addColorStop(1, '#12784a');
      g.fillStyle = fill;
      g.fillRect(0, 0, width, height);
      g.fillStyle = '#fff';
      g.font = '600 40px sans-serif';
      g.fillText(text, 40, height / 2);
      return c.toDataURL('image/png').split(',')[1];
    },
    [width, height, text],
  );
  return Buffer.from(data, 'base64');
}

for (const [width, height] of [
  [360, 740],
  [1440, 900],
]) {
  for (const theme of ['light', 'dark']) {
    for (const locale of ['en', 'zh-CN', 'zh-TW']) {
      const name = `${width}-${theme}-${locale}`;
      if (!name.includes(only)) continue;
      const mock = await startMock();
      const w = mock.words[locale] ?? mock.words['zh-CN'];
      const c = mock.open('transfer_trouble');
      mock.add(c, {
        author_kind: 'contact',
        author_name: '',
        body: w.mine,
        created_at: (Date.now() - 600e3) * 1000,
      });
      c.contact_read_seq = 1;
      const place = { state: 'waiting', position: 3, wait_low: 170, wait_high: 350, opens_at: 0 };
      mock.places.set(c.id, place);
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale,
        reducedMotion: 'reduce',
        hasTouch: width < 500,
        isMobile: width < 500,
      });
      await context.addInitScript(() => {
        localStorage.setItem('veridesk.visitor', 'tok');
        window.shifts = [];
        new PerformanceObserver((l) =>
          window.shifts.push(
            ...l
              .getEntries()
              .filter((e) => !e.hadRecentInput)
              .map((e) => {
                const who = e.sources.map((x) => x.node?.className || x.node?.nodeName);
                if (e.value > 0.02) console.log('shift', e.value.toFixed(3), who.join(' '));
                return e.value;
              }),
          ),
        ).observe({ type: 'layout-shift', buffered: true });
      });
      const f = await context.newPage();
      f.on('console', (m) => {
        const expected = /WebSocket|ERR_INTERNET|favicon|403|422/.test(m.text() + m.location().url);
        if (m.type() === 'error' && !expected) complain(name, m.text());
      });
      f.on('console', (m) => m.text().startsWith('shift') && console.log(name, m.text()));
      f.on('pageerror', (e) => complain(name, e.message));
      const shot = async (step) => {
        await f.waitForTimeout(150);
        await f.screenshot({ path: `${out}/${name}-${step}.png` });
        await f.evaluate(axe);
        const { violations } = await f.evaluate(() =>
          window.axe.run(document, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
          }),
        );
        for (const v of violations)
          complain(
            `${name} ${step}`,
            `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 140) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`,
          );
      };
      await f.goto(`${mock.origin}/widget/index.html#locale=${locale}&theme=${theme}`);
      await f.locator('section .list button').first().click();
      await f.locator('.place').waitFor();
      await f.evaluate(() => (window.shifts.length = 0));
      await shot('1-waiting');

      const big = await picture(f, 1200, 800, 'Withdrawal failed');
      const tall = await picture(f, 500, 1100, 'Screen');
      writeFileSync(`${out}/shot.png`, big);
      mock.state.slow = 200;
      const input = f.locator('.attach input').first();
      await input.setInputFiles([
        { name: 'withdrawal.png', mimeType: 'image/png', buffer: big },
        { name: 'statement-2026-03.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(3_000_000, 7) },
        { name: 'wallet-virus.zip', mimeType: 'application/zip', buffer: Buffer.alloc(40_000, 7) },
        { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
      ]);
      await f.locator('.tray-item').first().waitFor();
      await f.locator('.tray-item[data-state=refused]').waitFor();
      await shot('2-tray');
      await f.locator('textarea').fill(locale === 'en' ? 'Here is what I see.' : '我看到的画面如下。');
      await f.locator('.send').click();
      await f.locator('.files .progress').first().waitFor();
      await shot('3-uploading');
      mock.state.slow = 0;
      await f.locator('.files .progress').first().waitFor({ state: 'detached' });
      await input.setInputFiles([
        { name: 'a.png', mimeType: 'image/png', buffer: tall },
        { name: 'b.png', mimeType: 'image/png', buffer: big },
        { name: 'c.png', mimeType: 'image/png', buffer: big },
      ]);
      await f.locator('.tray-item').nth(2).waitFor();
      await f.locator('.tray .progress').first().waitFor({ state: 'detached' });
      await f.locator('.send').click();
      await f.locator('.files-many .picture').nth(2).waitFor();
      mock.places.set(c.id, { ...place, state: 'assigned', position: 0 });
      mock.push({
        type: 'queue',
        conversation_id: c.id,
        queue: { ...place, state: 'assigned', position: 0 },
      });
      mock.uploads.set('77', {
        id: '77',
        name: 'guide.png',
        size: big.length,
        bytes: [big],
      });
      mock.say(c, {
        body: w.hello,
        attachments: [
          mock.attachment(mock.uploads.get('77')),
          { id: '78', name: 'form.html', mime: 'text/html', size: 4_200, active: true, url: '/files/78' },
        ],
      });
      await f.locator('.card-warning').waitFor();
      await shot('4-files');
      await f.locator('.picture').first().click();
      await f.locator('.viewer img').waitFor();
      await shot('5-viewer');
      await f.keyboard.press('Escape');
      await f.locator('.place .tool').click();
      await f.locator('.sheet-choice').first().waitFor();
      await shot('6-menu');
      await f.locator('.sheet-choice').first().click();
      await f.locator('.sheet .field').waitFor();
      await f.locator('.sheet .button-main').click();
      await shot('7-transcript');
      await f.keyboard.press('Escape');
      await f.locator('.place .tool').click();
      await f.locator('.sheet-choice').last().click();
      await shot('8-end');
      await f.locator('.button-danger').click();
      await f.locator('.star').first().waitFor();
      await f.locator('.star input').nth(3).focus();
      await f.keyboard.press('Space');
      await shot('9-rating');
      await f.locator('.rating .button-main').click();
      await f.locator('.rating .link').waitFor();
      await shot('10-rated');
      const theft = mock.open('suspected_theft');
      mock.add(theft, { author_kind: 'contact', author_name: '', body: w.mine });
      mock.places.set(theft.id, {
        ...place,
        state: 'closed',
        position: 0,
        opens_at: (Date.now() + 40_000e3) * 1000,
      });
      const done = mock.open('how_to');
      mock.add(done, { author_kind: 'contact', author_name: '', body: w.articles[3][0] });
      mock.add(done, { body: w.articles[3][1] });
      done.status = 'waiting';
      await f.locator('.place .tool').click();
      await f.locator('.sheet-choice', { hasText: /requests|工单|案件/ }).click();
      await f.locator('.request').first().waitFor();
      await shot('11-requests');
      await f.locator('.request').nth(1).click();
      await f.locator('.place-theft').waitFor();
      await shot('12-theft');
      await context.setOffline(true);
      await input.setInputFiles([{ name: 'x.png', mimeType: 'image/png', buffer: big }]);
      await f.locator('.tray-item').waitFor();
      await f.locator('.send').click();
      await f.locator('.net p').waitFor();
      await shot('13-offline');
      const shift = await f.evaluate(() => window.shifts.reduce((a, b) => a + b, 0));
      console.log(name, 'shift', shift.toFixed(3));
      await context.close();
      mock.close();
    }
  }
}
await browser.close();
console.log(problems ? `${problems} problems` : 'no problems');
process.exit(problems ? 1 : 0);
