// What a customer does on the exchange's page, in the help center and in the widget.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { outside, widgetWords, type Locale } from './words';

export class Customer {
  readonly t;
  readonly widget: FrameLocator;

  constructor(
    readonly page: Page,
    private readonly house: { url: string; exchange: string },
    readonly locale: Locale,
  ) {
    this.t = widgetWords[locale];
    this.widget = page.frameLocator('iframe');
  }

  async visitExchange(): Promise<void> {
    await this.page.goto(`${this.house.exchange}/${this.locale}`);
  }

  /** The loader's round button, whatever it says about unread messages. */
  get launcher(): Locator {
    return this.page.getByRole('button', { name: new RegExp(outside[this.locale].contact) });
  }

  async openWidget(): Promise<void> {
    await this.launcher.click();
    await this.widget.locator('main').waitFor();
  }
  async closeWidget(): Promise<void> {
    await this.page.getByRole('button', { name: outside[this.locale].close }).click();
    await this.launcher.waitFor();
  }

  /** From the widget's home to a new conversation in a scenario. */
  async prepare(scenario: string, uid = ''): Promise<void> {
    await this.widget.getByRole('button', { name: new RegExp(this.t.contact) }).click();
    await this.widget.locator(`[data-key=${scenario}]`).click();
    if (uid !== '') await this.widget.getByRole('textbox', { name: this.t.prepareUid }).fill(uid);
    await this.widget.getByRole('button', { name: this.t.prepareStart }).click();
  }

  get box(): Locator {
    return this.widget.getByLabel(this.t.composerLabel);
  }
  async write(text: string): Promise<void> {
    await this.box.fill(text);
    await this.widget.getByRole('button', { name: this.t.send, exact: true }).click();
  }

  /** A new conversation from the exchange's page with its first message sent. */
  async begin(text: string, scenario = 'transfer_trouble'): Promise<void> {
    await this.visitExchange();
    await this.openWidget();
    await this.prepare(scenario);
    await this.write(text);
    await this.widget
      .getByText(new RegExp(`· (${this.t.sent}|${this.t.read})`))
      .last()
      .waitFor();
  }

  bubble(text: string): Locator {
    return this.widget.locator('.bubble').filter({ hasText: text });
  }
  async sees(text: string): Promise<void> {
    await this.bubble(text).first().waitFor();
  }
  /** All that stands in the thread, top to bottom. */
  async thread(): Promise<string[]> {
    return (await this.widget.locator('.bubble').allInnerTexts()).map((s) => s.trim());
  }
  async threadIs(...wanted: (string | RegExp)[]): Promise<void> {
    await expect
      .poll(() => this.thread(), { timeout: 15_000 })
      .toEqual(wanted.map((w) => (typeof w === 'string' ? w : expect.stringMatching(w))));
  }
}
