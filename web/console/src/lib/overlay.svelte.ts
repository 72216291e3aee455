import type { Id } from '../../../sdk';

export type PaletteScope = 'all' | 'assign' | 'priority' | 'status' | 'team' | 'scenario' | 'presence';

/** Where a conversation is to go; queue is the queue of its own team. */
export interface HandingOver {
  id: Id;
  to?: 'queue';
}

/** What lies over the panes, at most one thing at a time. */
class Overlay {
  palette: PaletteScope | null = $state(null);
  help = $state(false);
  handingOver: HandingOver | null = $state.raw(null);
  /** The views, as a drawer, where there is no room for a pane. */
  menu = $state(false);
  /** The details, as a sheet, where there is no room for a pane. */
  details = $state(false);

  closeAll(): void {
    this.palette = null;
    this.help = false;
    this.handingOver = null;
    this.menu = false;
    this.details = false;
  }
}

export const overlay = new Overlay();
