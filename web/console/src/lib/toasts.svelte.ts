export interface Toast {
  id: number;
  text: string;
  /** news is about others' doing; done is about one's own. */
  tone: 'done' | 'news' | 'error';
  /** Something to do about it. */
  action?: { label: string; run: () => void };
  /** Another of the same key takes its place. */
  key?: string;
}

/** Short news at the foot of the window; errors stay until dismissed. */
class Toasts {
  list: readonly Toast[] = $state.raw([]);
  #next = 1;

  say(text: string, tone: Toast['tone'] = 'done', action?: Toast['action'], key?: string): void {
    const toast: Toast = {
      id: this.#next++,
      text,
      tone,
      ...(action === undefined ? {} : { action }),
      ...(key === undefined ? {} : { key }),
    };
    this.list = [...this.list.filter((x) => key === undefined || x.key !== key).slice(-2), toast];
    if (tone !== 'error')
      setTimeout(
        () => {
          this.dismiss(toast.id);
        },
        action === undefined ? 3_500 : 12_000,
      );
  }

  dismiss(id: number): void {
    this.list = this.list.filter((t) => t.id !== id);
  }
}

export const toasts = new Toasts();
