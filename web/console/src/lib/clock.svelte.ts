/** The present, renewed from time to time so that what is said about it stays true. */
class Now {
  value: Date = $state.raw(new Date());

  /** Milliseconds between renewals. */
  constructor(private readonly every: number) {}

  start(): () => void {
    const timer = setInterval(() => {
      this.value = new Date();
    }, this.every);
    return () => {
      clearInterval(timer);
    };
  }
}

/** For "2 minutes ago". */
export const now = new Now(30_000);
/** For clocks that somebody waits by. */
export const soon = new Now(5_000);
