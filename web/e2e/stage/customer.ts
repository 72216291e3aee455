// What a customer does on the exchange's page, in the help center and in the widget.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { lateWords, outside, widgetWords, type ReadingLocale } from './words';

/** A small phone with a finger. */
export const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

export class Customer {
  readonly t;
  /** Words of what is loaded later. */
  readonly w;
  readonly widget: FrameLocator;

  constructor(
    readonly page: Page,
    private readonly house: { url: string; exchange: string },
    readonly locale: ReadingLocale,
  ) {
    this.t = widgetWords[locale];
    this.w = lateWords[locale];
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
    const round = this.page.getByRole('button', { name: outside[this.locale].close });
    // On a phone the widget covers the round button.
    if (await round.isVisible()) await round.click();
    else await this.widget.getByRole('button', { name: this.t.close, exact: true }).click();
    await this.launcher.waitFor();
  }
  async back(): Promise<void> {
    await this.widget.getByRole('button', { name: this.t.back, exact: true }).click();
  }

  /** From the widget's home to a new conversation in a scenario. */
  async prepare(scenario: string, uid = ''): Promise<void> {
    await this.widget.getByRole('button', { name: new RegExp(this.t.contact) }).click();
    await this.widget.locator(`[data-key=${scenario}]`).click();
    if (uid !== '') await this.field('uid').fill(uid);
    await this.toChat();
  }
  /** What is asked for before the chat, by its key. */
  field(key: string): Locator {
    return this.widget.locator(`[data-field=${key}] input`);
  }
  /** Whatever the button says: start, or leave a message when nobody is there. */
  async toChat(): Promise<void> {
    await this.widget.locator('.prepare [type=submit]').click();
    await this.box.waitFor();
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
    await this.sentAll();
  }
  /** Nothing that was written waits any more. */
  async sentAll(): Promise<void> {
    await this.widget
      .getByText(new RegExp(`· (${this.t.sent}|${this.t.read})`))
      .last()
      .waitFor();
  }

  /** What stands above the conversation: who answers, and when. */
  get place(): Locator {
    return this.widget.locator('.place-text');
  }
  async placeSays(words: string): Promise<void> {
    await this.place.getByText(words).first().waitFor();
  }
  /** Somebody has the conversation: this person, once the customer was told a name. */
  async servedBy(name: string): Promise<void> {
    const { placeWith, placeWithUs } = this.w;
    await this.place
      .getByText(new RegExp(`${placeWithUs}|${placeWith(name)}`))
      .first()
      .waitFor();
  }
  /** Something from the conversation's menu. */
  async choose(label: string): Promise<void> {
    await this.widget.getByRole('button', { name: this.w.chatMore, exact: true }).click();
    await this.widget.getByRole('dialog').getByRole('button', { name: label }).click();
  }
  /** The system's file picker, behind the paper clip. */
  get picker(): Locator {
    return this.widget.locator('.composer input[type=file]').first();
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
