type Veridesk = (command: string, options?: { scenario?: string; text?: string; theme?: string }) => void;

/** The chat's loader; undefined where it is blocked, still on its way, or refused by the desk. */
const chat = () => (window as Window & { Veridesk?: Veridesk }).Veridesk;

/** The chat in the corner follows the page's theme. */
export function themeChat(theme: string): void {
  chat()?.('boot', { theme });
}

/** Links to the chat open it in place. Without the loader they lead to the chat's own page. */
export function chatInPlace(): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLElement>('[data-chat]');
    const open = chat();
    if (!link || !open || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { chat: scenario, text } = link.dataset;
    open('open', { ...(scenario ? { scenario } : {}), ...(text ? { text } : {}) });
  });
}
