/** The present, renewed every half minute so that "2 minutes ago" stays true. */
class Now {
  value: Date = $state.raw(new Date());

  start(): () => void {
    const timer = setInterval(() => {
      this.value = new Date();
    }, 30_000);
    return () => {
      clearInterval(timer);
    };
  }
}

export const now = new Now();
