import type { Theme } from '../../../sdk';
import { recall, remember } from './storage';

function asTheme(value: string | null | undefined): Theme {
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** What this browser remembers about how the console looks and sounds. */
class Prefs {
  theme: Theme = $state(asTheme(recall('theme')));
  sound: boolean = $state(recall('sound') === 'on');
  desktop: boolean = $state(recall('desktop') !== 'off');
  /** The details panel beside a thread, where there is room for it. */
  context: boolean = $state(recall('context') !== 'off');

  setTheme(value: string): void {
    this.theme = asTheme(value);
    remember('theme', this.theme);
    this.paint();
  }

  /** Puts the theme on the document; without a choice the system's preference rules. */
  paint(): void {
    if (this.theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.theme;
  }

  set(key: 'sound' | 'desktop' | 'context', on: boolean): void {
    this[key] = on;
    remember(key, on ? 'on' : 'off');
  }
}

export const prefs = new Prefs();
