// What somebody who writes articles does in the console.
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Id, ReadingLocale } from '../../sdk';
import { Agent } from './agent';
import { Api } from './api';
import type { Cast } from './cast';
import { helpWords, type Locale } from './words';

export type Person = 'kai' | 'rosa' | 'lin' | 'mei';

/** A pattern for words with a changing part, such as a time. */
export function starting(says: (part: string) => string): RegExp {
  const [before = ''] = says('\u0000').split('\u0000');
  return new RegExp(`^${before.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}

export class Editor extends Agent {
  readonly h;

  constructor(page: Page, house: { url: string }, locale: Locale) {
    super(page, house, locale);
    this.h = helpWords[locale];
  }

  /** Signed in, with the console in that language; how one signs in is tested elsewhere. */
  static async arrive(
    cast: Cast,
    house: { url: string },
    who: Person,
    locale: Locale,
    context: BrowserContextOptions = {},
  ): Promise<Editor> {
    const api = await Api.as(house, `${who}@meridian.example`);
    await api.speak(locale);
    const editor = new Editor(await cast.page({ locale, ...context }), house, locale);
    const [name = '', value = ''] = api.cookie.split('=');
    await editor.page.context().addCookies([{ name, value, url: house.url }]);
    return editor;
  }

  async articles(query = ''): Promise<void> {
    await this.page.goto(`${this.house.url}/console/help/articles${query}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }
  articleRow(title: string): Locator {
    return this.page.locator('a[href*="/console/help/articles/"]').filter({ hasText: title });
  }
  async edit(id: Id, locale: ReadingLocale): Promise<void> {
    await this.page.goto(`${this.house.url}/console/help/articles/${id}/${locale}`);
    await this.page.getByRole('navigation', { name: this.h.editor.languages }).waitFor();
  }
  get id(): Id {
    return /\/help\/articles\/(\d+)/.exec(this.page.url())?.[1] ?? '';
  }

  get heading(): Locator {
    return this.page.getByRole('textbox', { name: this.h.editor.heading, exact: true });
  }
  get summary(): Locator {
    return this.page.getByRole('textbox', { name: this.h.editor.summary, exact: true });
  }
  get body(): Locator {
    return this.page.getByRole('textbox', { name: this.h.editor.body, exact: true });
  }
  get preview(): Locator {
    return this.page.getByRole('region', { name: this.h.editor.previewTitle });
  }
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }
  button(name: string, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, exact: true });
  }
  tool(name: string): Locator {
    return this.button(name, this.page.getByRole('toolbar', { name: this.h.tool.label }));
  }
  tab(locale: ReadingLocale): Locator {
    return this.page
      .getByRole('navigation', { name: this.h.editor.languages })
      .getByRole('link', { name: this.h.locales[locale] });
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('Control+s');
    await this.page
      .getByRole('status')
      .getByText(starting(this.h.save.saved))
      .or(this.page.getByRole('status').getByText(this.h.save.unchanged, { exact: true }))
      .waitFor();
  }
  async says(text: string): Promise<void> {
    const toast = this.page.getByRole('status').filter({ hasText: text }).last();
    await toast.waitFor();
  }
  /** An action of the menu beside the main one. */
  async more(action: string): Promise<void> {
    await this.button(this.h.act.more).click();
    await this.page.getByRole('menuitem', { name: action, exact: true }).click();
  }
  /** The first publication. */
  async publish(): Promise<void> {
    await this.button(this.h.act.publish).click();
    await this.says(this.h.act.done.published);
  }
  /** Publishes the changes of a text that readers see already. */
  async update(note = ''): Promise<void> {
    await this.button(this.h.act.update).click();
    await this.dialog.getByLabel(this.h.act.note).fill(note);
    await this.button(this.h.act.update, this.dialog).click();
    await this.says(this.h.act.done.published);
  }

  /** Puts an image on the clipboard's way into the text, as the browser does. */
  async pasteImage(png: Buffer): Promise<void> {
    await this.body.evaluate((box, base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'screen.png', { type: 'image/png' }));
      box.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, png.toString('base64'));
  }

  /** The article as the preview shows it, without what only the console's links have. */
  async previewed(): Promise<string> {
    await expect.poll(() => this.preview.getAttribute('aria-busy')).toBe('false');
    return this.preview.locator('.prose').evaluate((prose) => {
      const copy = prose.cloneNode(true) as HTMLElement;
      for (const a of copy.querySelectorAll('a')) {
        a.removeAttribute('target');
        a.removeAttribute('rel');
      }
      return copy.innerHTML.trim();
    });
  }
}
