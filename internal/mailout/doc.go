// Package mailout sends the desk's own mails (invitations, security notices) by
// durable jobs: over SMTP, or, where no server is configured, into the table of
// previews that the demo shows. Conversations by mail are not its business.
package mailout
