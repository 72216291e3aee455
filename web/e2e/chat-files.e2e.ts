// Pictures and files. A screenshot says what a frightened customer cannot, and a file may also be a weapon.
import { deflateSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { onEachEngine, sqlite, test } from './stage/cast';
import { phone, type Customer } from './stage/customer';
import { Floor } from './stage/floor';

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return Buffer.concat([length, body, sum]);
}

/** A PNG in one grey, with a word in its metadata that must not survive. */
function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  const row = Buffer.concat([Buffer.alloc(1), Buffer.alloc(width, 0x7f)]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('tEXt', Buffer.from('Comment\0taken at home, 52.5200 N', 'latin1')),
    chunk('IDAT', deflateSync(Buffer.concat(Array<Buffer>(height).fill(row)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const screenshot = { name: 'deposit.png', mimeType: 'image/png', buffer: png(640, 360) };
const statement = {
  name: 'statement.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from('2026-11-01 500 USDT received\n'.repeat(20)),
};

/** What pasting and dropping give a page: the same event, with the files in it. */
async function bring(
  customer: Customer,
  how: 'paste' | 'drop',
  file: { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  await customer.box.evaluate(
    (box, { how, name, type, base64 }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
      box.dispatchEvent(
        how === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    },
    { how, name: file.name, type: file.mimeType, base64: file.buffer.toString('base64') },
  );
}
const send = (customer: Customer) =>
  customer.widget.getByRole('button', { name: customer.t.send, exact: true }).click();

describe('files', () => {
  onEachEngine('pasted, dropped and picked reach the other side, both ways', async (cast, engine) => {
    await Floor.clear(engine);
    const agent = await cast.present(engine, 'mei');
    const customer = await cast.customer(engine, 'en', phone);
    const { widget, w } = customer;
    await customer.begin('Here is what I see.');
    await agent.open('Here is what I see.');

    await bring(customer, 'paste', screenshot);
    await widget.getByRole('list', { name: w.tray }).getByRole('img', { name: 'deposit.png' }).waitFor();
    await bring(customer, 'drop', statement);
    await customer.picker.setInputFiles([{ ...screenshot, name: 'second.png' }]);
    await expect.poll(() => widget.locator('.tray-item').count()).toBe(3);
    await widget.getByRole('button', { name: w.fileRemove('second.png') }).click();
    await customer.write('Two files.');
    await customer.sentAll();
    await widget.getByRole('button', { name: w.pictureOpen('deposit.png') }).waitFor();

    const picture = agent.page.getByRole('button', { name: agent.t.files.open('deposit.png') });
    await picture.waitFor();
    // Its place is there before the picture is: nothing jumps while one reads.
    const img = picture.locator('img');
    expect(Number(await img.getAttribute('width')) / Number(await img.getAttribute('height'))).toBeCloseTo(
      640 / 360,
      1,
    );
    await expect.poll(() => img.evaluate((i: HTMLImageElement) => i.naturalWidth)).toBeGreaterThan(100);
    await picture.click();
    const viewer = agent.page.getByRole('dialog', { name: 'deposit.png' });
    const full = (await viewer.locator('img').first().getAttribute('src')) ?? '';
    const bytes = Buffer.from(await (await fetch(new URL(full, engine.url))).arrayBuffer());
    expect(bytes.length).toBeGreaterThan(100);
    expect(bytes.includes('taken at home')).toBe(false);
    await agent.page.keyboard.press('Escape');
    const card = agent.page.getByRole('link', { name: agent.t.files.downloadOne('statement.txt') });
    const answer = await fetch(new URL((await card.getAttribute('href')) ?? '', engine.url));
    expect(answer.headers.get('Content-Disposition')).toMatch(/^attachment/);
    expect(await answer.text()).toContain('500 USDT received');

    await agent.page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ ...screenshot, name: 'where-to-look.png' });
    await agent.page.getByRole('list', { name: agent.t.files.list }).getByText('where-to-look.png').waitFor();
    await agent.reply('Look here.');
    const shown = widget.getByRole('button', { name: w.pictureOpen('where-to-look.png') });
    await shown.click();
    const big = widget.getByRole('dialog', { name: w.viewer });
    await expect.poll(() => big.locator('img').evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(640);
    await big.getByRole('button', { name: w.close }).click();
    await big.waitFor({ state: 'detached' });
  });

  test('what may run something is a download with a warning, on both sides', async ({ cast }) => {
    await Floor.clear(sqlite);
    const agent = await cast.present(sqlite, 'mei');
    const customer = await cast.customer(sqlite, 'en');
    const { widget, w } = customer;
    await customer.begin('An odd file came by mail.');
    const script = '<script>document.title = "ran"</script>';
    await customer.picker.setInputFiles([
      {
        name: 'logo.svg',
        mimeType: 'image/svg+xml',
        buffer: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`),
      },
      // Says that it is a picture.
      {
        name: 'invoice.png',
        mimeType: 'image/png',
        buffer: Buffer.from(`<!doctype html><html><body>${script}</body></html>`),
      },
    ]);
    await send(customer);
    await widget.getByText(w.active).nth(1).waitFor();
    expect(await widget.locator('.picture').count()).toBe(0);
    await agent.row('VD-').first().click();
    await agent.page.getByText(agent.t.files.activeMark).nth(1).waitFor();
    await agent.page.getByRole('button', { name: /logo\.svg/ }).click();
    await agent.page.getByRole('dialog', { name: agent.t.files.activeTitle }).waitFor();
    const link = agent.page.getByRole('link', { name: agent.t.files.activeYes });
    const answer = await fetch(new URL((await link.getAttribute('href')) ?? '', sqlite.url));
    expect(answer.headers.get('Content-Disposition')).toMatch(/^attachment/);
    expect(answer.headers.get('Content-Security-Policy')).toMatch(/sandbox/);
    // Opened in a tab of its own all the same, it is a download and nothing runs.
    expect(answer.headers.get('Content-Type')).not.toMatch(/svg|html/);
  });

  test('too large is refused before a byte has left the device, in words', async ({ cast }) => {
    const customer = await cast.customer(sqlite, 'en');
    const { widget } = customer;
    await customer.begin('My screen recording.');
    let sent = 0;
    customer.page.on('request', (r) => (sent += r.url().includes('/visitor/uploads') ? 1 : 0));
    await customer.box.evaluate((box) => {
      const data = new DataTransfer();
      data.items.add(new File([new Blob([new Uint8Array(26 << 20)])], 'recording.mov'));
      box.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await widget.getByText(/^recording\.mov is larger than/).waitFor();
    expect(await widget.locator('.tray-item').count()).toBe(0);
    expect(sent).toBe(0);
  });

  test('a connection that breaks in the middle goes on where it stopped, and one may cancel', async ({
    cast,
  }) => {
    cast.tolerate(/net::ERR_/);
    await Floor.clear(sqlite);
    const agent = await cast.present(sqlite, 'mei');
    const customer = await cast.customer(sqlite, 'en');
    const { page, widget, w } = customer;
    await customer.begin('A long log file.');
    const line = '2026-11-22T10:00:00Z withdrawal 4f2a8c1e pending\n';
    const log = {
      name: 'app.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from(line.repeat((6 << 20) / line.length)),
    };
    const offsets: number[] = [];
    let broken = 0;
    await page.route(/\/visitor\/uploads\/\d+$/, async (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      offsets.push(Number(route.request().headers()['upload-offset']));
      // The second piece does not arrive.
      if (offsets.length > 1 && broken < 1) {
        broken++;
        return route.abort('connectionreset');
      }
      return route.continue();
    });
    await customer.picker.setInputFiles([log]);
    await customer.write('The log.');
    await widget.getByRole('progressbar', { name: 'app.txt' }).waitFor();
    await agent.open('The log.');
    const card = agent.page.getByRole('link', { name: agent.t.files.downloadOne('app.txt') });
    await card.waitFor({ timeout: 30_000 });
    const got = await fetch(new URL((await card.getAttribute('href')) ?? '', sqlite.url));
    expect(Buffer.from(await got.arrayBuffer()).equals(log.buffer)).toBe(true);
    expect(broken).toBe(1);
    expect(offsets.filter((o) => o === 0).length).toBe(1);

    await page.unroute(/\/visitor\/uploads\/\d+$/);
    await page.route(/\/visitor\/uploads\/\d+$/, (route) =>
      route.request().method() === 'PATCH' ? undefined : route.continue(),
    );
    await customer.picker.setInputFiles([{ ...log, name: 'wrong.txt' }]);
    await widget.getByRole('button', { name: w.fileRemove('wrong.txt') }).click();
    await expect.poll(() => widget.locator('.tray-item').count()).toBe(0);
    await customer.write('Never mind the other one.');
    await agent.sees('Never mind the other one.');
  });
});
