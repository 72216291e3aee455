const key = 'veridesk-theme';
type Theme = 'light' | 'dark';

/** Puts the form that switches the theme into the page, and the theme that was chosen before into effect. */
export function keepTheme(tell: (theme: Theme) => void): void {
  const chosen = read();
  if (chosen) document.documentElement.dataset['theme'] = chosen;
  for (const place of document.querySelectorAll<HTMLTemplateElement>('template[data-theme-form]')) {
    place.replaceWith(place.content);
  }
  for (const form of document.querySelectorAll<HTMLFormElement>('form.theme')) {
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('click', (event) => {
      const theme = (event.target as Element).closest('button')?.value;
      if (theme !== 'light' && theme !== 'dark') return;
      document.documentElement.dataset['theme'] = theme;
      tell(theme);
      // The button that was pressed is hidden now; keep the keyboard where it was.
      form.querySelector<HTMLButtonElement>(`button:not([value='${theme}'])`)?.focus();
      try {
        localStorage.setItem(key, theme);
      } catch {
        // a private window: kept for this page only
      }
    });
  }
}

function read(): Theme | undefined {
  try {
    const theme = localStorage.getItem(key);
    return theme === 'light' || theme === 'dark' ? theme : undefined;
  } catch {
    return undefined;
  }
}
