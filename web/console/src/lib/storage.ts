// localStorage may be full, forbidden or absent; nothing in the console depends on it.

const prefix = 'veridesk.console.';

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // Remembered until the page closes; that is all a preference needs.
  }
}
