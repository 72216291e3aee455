import { asColor, asScenario, asText, asTheme } from './params';
import type { ScenarioKey, Theme } from '../../sdk';

export interface HostEvents {
  onOpen(scenario: ScenarioKey | '', text: string): void;
  onClose(): void;
  onBoot(o: { locale?: string; theme: Theme; color: string }): void;
}

/**
 * The page around us. Speaks to, and listens to, exactly one window of exactly one origin; without an
 * origin (a page of our own) it does neither.
 */
export class Host {
  constructor(
    private readonly self: Window,
    private readonly origin: string,
    events: HostEvents,
  ) {
    if (!this.embedded) return;
    self.addEventListener('message', (e: MessageEvent<unknown>) => {
      if (e.origin !== origin || e.source !== self.parent) return;
      const m = (typeof e.data === 'object' && e.data) || {};
      const { veridesk, type, scenario, text, theme, color, locale } = m as Record<string, unknown>;
      if (veridesk !== 1) return;
      if (type === 'open') events.onOpen(asScenario(scenario), asText(text));
      else if (type === 'close') events.onClose();
      else if (type === 'boot') {
        events.onBoot({
          theme: asTheme(theme),
          color: asColor(color),
          ...(typeof locale === 'string' && { locale }),
        });
      }
    });
  }

  get embedded(): boolean {
    return this.origin !== '' && this.self.parent !== this.self;
  }
  ready(): void {
    this.tell({ type: 'ready' });
  }
  close(): void {
    this.tell({ type: 'close' });
  }
  unread(count: number): void {
    this.tell({ type: 'unread', count });
  }

  private tell(message: { type: string; count?: number }): void {
    if (this.embedded) this.self.parent.postMessage({ veridesk: 1, ...message }, this.origin);
  }
}
