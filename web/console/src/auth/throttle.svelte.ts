import { RequestError } from '../../../sdk';

/** Counts down after "too many attempts", so that the button comes back by itself. */
export class Throttle {
  seconds = $state(0);
  #timer: ReturnType<typeof setInterval> | null = null;

  /** True when the failure was a throttle; the count starts. */
  take(error: unknown): boolean {
    if (!(error instanceof RequestError) || error.code !== 'throttled') return false;
    this.seconds = Math.max(1, Math.ceil(error.retryAfter / 1000));
    this.stop();
    this.#timer = setInterval(() => {
      this.seconds--;
      if (this.seconds <= 0) this.stop();
    }, 1000);
    return true;
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
