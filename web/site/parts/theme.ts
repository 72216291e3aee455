/** Submits the theme's form in the background; the page changes at once. */
export function switchThemeInPlace(form: HTMLFormElement, tell: (theme: string) => void): void {
  form.addEventListener('submit', (event) => {
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    const theme = button?.value;
    if (theme !== 'light' && theme !== 'dark') return; // an old browser: let it submit
    event.preventDefault();
    document.documentElement.dataset['theme'] = theme;
    tell(theme);
    // The button that was pressed is hidden now; keep the keyboard where it was.
    form.querySelector<HTMLButtonElement>(`button:not([value='${theme}'])`)?.focus();
    const body = new URLSearchParams({ theme, back: '/' });
    fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => undefined); // kept for this page only
  });
}
