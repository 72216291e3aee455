// Package staff knows the people who work at the desk: how they come in
// (first-run setup, invitations), how they prove who they are (password,
// one-time codes, passkeys), what they are signed in with (sessions), which
// teams and roles they have, and what was changed by whom (audit).
//
// Every change writes its audit row in its own transaction. Secrets are stored
// as hashes (passwords: argon2id; tokens and recovery codes: SHA-256 of random
// values) or wrapped by the vault (the secret of one-time codes).
//
// Sessions are looked up on every request of an agent, so a verified one is
// remembered for [cacheFor]. Ending a session, disabling an agent or changing a
// role takes effect at once on the node where it happens and within [cacheFor]
// on the others.
package staff
