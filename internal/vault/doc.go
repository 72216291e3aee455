// Package vault holds the master key, which lives outside the database (a file or the environment) and from which
// every other key is derived. It wraps the secrets that the store keeps (mail passwords, signing keys, exchange
// credentials), signs tokens, and tells by KeyID whether a database and a key belong together.
package vault
