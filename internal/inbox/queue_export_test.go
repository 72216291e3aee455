package inbox

import "context"

// ForgetBoard makes the next question about the queue read it anew.
func (in *Inbox) ForgetBoard() {
	in.queue.board.mu.Lock()
	defer in.queue.board.mu.Unlock()
	in.queue.board.last = nil
}

// EndPauses is the sweep's part that ends pauses.
func (in *Inbox) EndPauses(ctx context.Context) error { return in.endPauses(ctx) }
