/** Does things later, each after its own time, and never one before another that was put earlier. */
export class Belt {
  private readonly queue: { at: number; run: () => void }[] = [];
  private last = 0;

  put(milliseconds: number, run: () => void): void {
    if (this.queue.length === 0 && milliseconds === 0) return run();
    this.last = Math.max(this.last, performance.now() + milliseconds);
    this.queue.push({ at: this.last, run });
    if (this.queue.length === 1) this.turn();
  }

  private turn(): void {
    const next = this.queue[0];
    if (next === undefined) return;
    const wait = Math.max(0, next.at - performance.now());
    setTimeout(() => {
      // It leaves the queue last: whatever it puts stands behind those who wait.
      next.run();
      this.queue.shift();
      this.turn();
    }, wait);
  }
}
