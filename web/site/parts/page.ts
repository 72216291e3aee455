import { chatInPlace } from './chat';
import { closeMenu } from './menu';
import { dismissNotices } from './notices';
import { fitTables } from './tables';
import { followReading } from './toc';

/** What every page gains, served or exported. */
export function enhance(): void {
  dismissNotices(document);
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu')) closeMenu(menu);
  for (const nav of document.querySelectorAll<HTMLElement>('nav.toc')) followReading(nav);
  chatInPlace();
  fitTables(document);
}
