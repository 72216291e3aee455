/** Sends "was this helpful?" in the background and says thanks in its place; without it the form goes its own way. */
export function voteInPlace(box: HTMLElement): void {
  const url = box.dataset['vote'];
  const thanks = box.querySelector<HTMLElement>('.vote-thanks');
  const words = box.querySelector<HTMLTemplateElement>('template');
  const ask = box.querySelector<HTMLElement>('.vote-ask');
  if (!url || !thanks || !words || !ask) return;
  for (const form of box.querySelectorAll('form')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const helpful = !data.has('comment'); // only the form of "no" has more to say
      const body = JSON.stringify({
        locale: box.dataset['locale'],
        helpful,
        ...(helpful ? {} : { reason: data.get('reason') ?? '', comment: data.get('comment') ?? '' }),
      });
      const buttons = box.querySelectorAll('button');
      buttons.forEach((b) => (b.disabled = true));
      fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
        .then((response) => {
          if (!response.ok) throw new Error(String(response.status));
          thanks.replaceChildren(words.content.cloneNode(true));
          thanks.hidden = false;
          ask.hidden = true;
          box.focus();
        })
        .catch(() => {
          buttons.forEach((b) => (b.disabled = false));
          thanks.textContent = box.dataset['failed'] ?? '';
          thanks.hidden = false;
        });
    });
  }
}
