export interface Toast {
  id: number;
  text: string;
  tone: 'done' | 'error';
}

/** Short news at the foot of the window; errors stay until dismissed. */
class Toasts {
  list: readonly Toast[] = $state.raw([]);
  #next = 1;

  say(text: string, tone: Toast['tone'] = 'done'): void {
    const toast = { id: this.#next++, text, tone };
    this.list = [...this.list.slice(-2), toast];
    if (tone === 'done')
      setTimeout(() => {
        this.dismiss(toast.id);
      }, 3_500);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((t) => t.id !== id);
  }
}

export const toasts = new Toasts();
