// Package channel says what the desk and the outside have to do with each other:
// an [Adapter] brings answers out, a [Receiver] takes messages in. The adapters
// themselves live below, a package each, and know nothing of one another.
package channel
