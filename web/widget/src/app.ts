import { createContext } from 'svelte';
import type { Desk } from './desk.svelte';
import type { Help } from './help.svelte';
import type { Host } from './host';
import type { Ui } from './ui.svelte';

/** What every component may use. */
export interface App {
  ui: Ui;
  desk: Desk;
  help: Help;
  host: Host;
  /** Another language, everywhere at once. */
  speak(locale: Ui['locale']): void;
}

export const [getApp, setApp] = createContext<App>();
