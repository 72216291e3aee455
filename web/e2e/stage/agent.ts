// What somebody of the staff does in the console.
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { consoleWords, type Locale } from './words';

export interface AgentOptions {
  email?: string;
  /** Of the browser before the sign-in and of the account after it. */
  locale?: Locale;
  context?: BrowserContextOptions;
}

/** Opens every account of the demo. */
export const demoPassword = 'meridian-demo';

export class Agent {
  readonly t;

  constructor(
    readonly page: Page,
    readonly house: { url: string },
    readonly locale: Locale,
  ) {
    this.t = consoleWords[locale];
  }

  async fillSignIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel(this.t.common.email).fill(email);
    await this.page.getByLabel(this.t.auth.password, { exact: true }).fill(password);
    await this.page.getByRole('button', { name: this.t.auth.submit, exact: true }).click();
  }
  async signIn(email: string, password = demoPassword): Promise<void> {
    await this.page.goto(`${this.house.url}/console`);
    await this.fillSignIn(email, password);
    await this.isIn();
  }
  async isIn(): Promise<void> {
    const views = this.page.getByRole('navigation', { name: this.t.views.title });
    const menu = this.page.getByRole('button', { name: this.t.views.menu });
    await views.or(menu).first().waitFor();
  }
  get live(): Locator {
    return this.page.getByRole('status').getByText(this.t.connection.online, { exact: true }).first();
  }

  async view(name: 'mine' | 'unassigned' | 'open' | 'waiting' | 'resolved' | 'all'): Promise<void> {
    await this.page.goto(`${this.house.url}/console/inbox/${name}`);
    await this.live.waitFor();
  }
  row(text: string): Locator {
    return this.page.locator('a[href*="/console/inbox/"]').filter({ hasText: text });
  }
  async open(text: string): Promise<void> {
    await this.row(text).click();
    await this.log.getByText(text, { exact: false }).first().waitFor();
  }
  get log(): Locator {
    return this.page.getByRole('log');
  }
  get box(): Locator {
    // Before a Chinese name there is no space.
    const reply = this.t.composer.replyLabel('.*').replace(' .*', '.*');
    return this.page.getByRole('textbox', {
      name: new RegExp(`^(${reply}|${this.t.composer.noteLabel})$`),
    });
  }
  async reply(text: string): Promise<void> {
    await this.box.fill(text);
    await this.page.getByRole('button', { name: this.t.composer.send, exact: true }).click();
  }
  async sees(text: string): Promise<void> {
    await this.log.getByText(text).first().waitFor();
  }
  async resolve(): Promise<void> {
    await this.page.getByRole('button', { name: this.t.thread.resolve, exact: true }).click();
    await this.page.getByRole('button', { name: this.t.thread.reopen, exact: true }).waitFor();
  }

  /** Chooses a state in the menu of the side bar, and agrees when work goes back. */
  async becomes(choice: string, givesBack = false): Promise<void> {
    await this.page.getByRole('button', { name: new RegExp(`^${this.t.presence.title}`) }).click();
    await this.page.getByRole('menuitem', { name: this.t.presence.choices[choice] ?? choice }).click();
    if (givesBack) await this.page.getByRole('button', { name: this.t.presence.askYes }).click();
  }
  async handOver(to: string, note: string): Promise<void> {
    const { page, t } = this;
    await page.getByRole('button', { name: t.handOver.title, exact: true }).click();
    await page.getByRole('combobox', { name: t.handOver.find }).fill(to);
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: t.handOver.note }).fill(note);
    await page.getByRole('button', { name: t.handOver.doIt(to) }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  /** The messages of the open thread, top to bottom, without who and when. */
  async thread(): Promise<string[]> {
    return (await this.log.locator('article .text-md').allInnerTexts()).map((s) => s.trim());
  }
  async threadIs(...wanted: string[]): Promise<void> {
    await expect.poll(() => this.thread(), { timeout: 15_000 }).toEqual(wanted);
  }
  /** Unread conversations, as the tab's title says. */
  async unread(): Promise<number> {
    return Number(/^\((\d+)\)/.exec(await this.page.title())?.[1] ?? 0);
  }
}
