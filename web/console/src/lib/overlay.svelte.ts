export type PaletteScope = 'all' | 'assign' | 'priority' | 'status' | 'team' | 'scenario';

/** What lies over the panes, at most one thing at a time. */
class Overlay {
  palette: PaletteScope | null = $state(null);
  help = $state(false);
  /** The views, as a drawer, where there is no room for a pane. */
  menu = $state(false);
  /** The details, as a sheet, where there is no room for a pane. */
  details = $state(false);

  closeAll(): void {
    this.palette = null;
    this.help = false;
    this.menu = false;
    this.details = false;
  }
}

export const overlay = new Overlay();
