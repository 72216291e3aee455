/** A message that the server said it has. */
export interface Acknowledged {
  clientId: string;
  id: string;
  conversation: string;
}

// Taken before page.ts puts an agent's own in its place.
const native = globalThis.fetch;

/** What the server acknowledged to one person: taken from the answers themselves, not from what became of them. */
export class Ledger {
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Messages that were refused for good, and why. */
  readonly refused: string[] = [];

  /** A fetch for addresses on this origin that listens to what it brings. */
  fetch(origin: string): typeof fetch {
    return async (input, init) => {
      const path = String(input).replace(origin, '');
      const answer = await native(origin + path, init);
      if (init?.method === 'POST' && /^\/api\/v1\/(visitor\/)?conversations(\/\d+\/messages)?$/.test(path))
        this.listen(answer.clone());
      return answer;
    };
  }

  private listen(answer: Response): void {
    answer.text().then(
      (text) => {
        if (answer.ok) this.note(text);
        else if (answer.status < 500 && answer.status !== 429) this.refused.push(`${answer.status} ${text}`);
      },
      () => undefined, // cut short: nobody heard it
    );
  }

  private note(text: string): void {
    if (!text.startsWith('{')) return; // the hotel's page
    const { message, conversation } = JSON.parse(text) as {
      message: { id: string; client_id: string };
      conversation: { id: string };
    };
    this.acknowledged.set(message.client_id, {
      clientId: message.client_id,
      id: message.id,
      conversation: conversation.id,
    });
  }
}
