/** What a download gives, once it is there; can be tried again. */
export class Fetched<T> {
  value = $state.raw<T | undefined>();
  failed = $state(false);

  constructor(private readonly get: () => Promise<T>) {
    void this.load();
  }

  load = async (): Promise<void> => {
    this.failed = false;
    try {
      this.value = await this.get();
    } catch {
      this.failed = true;
    }
  };
}

const sheets = new Map<string, Promise<void>>();

/** Adds a style sheet to the page; resolves when it applies. */
export function sheet(url: string): Promise<void> {
  let known = sheets.get(url);
  if (!known) {
    known = new Promise((resolve, reject) => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = url;
      link.onload = () => resolve();
      link.onerror = () => {
        sheets.delete(url);
        link.remove();
        reject(new Error(`no ${url}`));
      };
      document.head.append(link);
    });
    sheets.set(url, known);
  }
  return known;
}
