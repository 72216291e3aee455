/** Asks the box of the article's text to go to a line, and tells the preview how far down the box is. */
export class Target {
  /** Counts up with every request, so that the same line can be asked for twice. */
  request = $state.raw({ line: 0, n: 0 });
  /** 0 at the top, 1 at the end. */
  scrolled = $state(0);

  line(line: number): void {
    this.request = { line, n: this.request.n + 1 };
  }
}
