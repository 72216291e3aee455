const key = 'veridesk-hidden';

/** Lets announcements be hidden for this visit. Those without a button (incidents) stay. */
export function dismissNotices(root: ParentNode): void {
  const hidden = new Set(read());
  for (const notice of root.querySelectorAll<HTMLElement>('[data-notice]')) {
    const button = notice.querySelector('button');
    const id = notice.dataset['notice'] ?? '';
    if (!button) continue;
    notice.hidden = hidden.has(id);
    button.hidden = false;
    button.addEventListener('click', () => {
      notice.hidden = true;
      hidden.add(id);
      try {
        sessionStorage.setItem(key, [...hidden].join(' '));
      } catch {
        // a private window: hidden on this page only
      }
      document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
    });
  }
}

function read(): string[] {
  try {
    return (sessionStorage.getItem(key) ?? '').split(' ');
  } catch {
    return [];
  }
}
