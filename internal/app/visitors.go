package app

import (
	"context"
	"time"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/site"
)

// openVisitors lets visitors, and customers whom the exchange signs in, begin.
// The hub and the index that it tells are opened later and before anybody comes.
func (a *app) openVisitors(ctx context.Context) (err error) {
	cfg := customer.Config{
		Store: a.store, Vault: a.vault, Logger: a.log, Merged: a.merged,
		Ended: func(contact desk.ID, hash string) {
			if a.hub != nil {
				a.hub.DisconnectVisitor(contact, hash)
			}
		},
	}
	if from := a.exchangeLogin(); from.Enabled() {
		cfg.Login, err = customer.NewLogin(customer.LoginConfig{
			JWKSURL: from.JWKSURL, JWKSFile: from.JWKSFile, Secret: from.Secret, Audience: from.Audience, Issuer: from.Issuer, Logger: a.log,
		})
		if err != nil {
			return err
		}
	}
	a.visitors = customer.New(cfg)
	return a.visitors.Refresh(ctx) // who signed out stays signed out across a restart
}

// exchangeLogin is what is configured, or in the demo the exchange next door.
func (a *app) exchangeLogin() config.ExchangeLogin {
	from := a.cfg.ExchangeLogin
	if a.cfg.Demo && !from.Enabled() && a.demoAddress != "" {
		from.JWKSURL, from.Issuer = "http://"+a.demoAddress+site.DemoKeysPath, site.DemoIssuer
		from.Audience = site.DemoAudience
	}
	return from
}

// merged tells everybody concerned that a conversation is a customer's now:
// agents, who follow that contact from here on, and the customer's other devices.
func (a *app) merged(m customer.Merged) {
	c := m.Conversation
	a.index.Feed(m.Note)
	a.hub.PublishTeam(c.TeamID, desk.Event{Type: desk.EventMessage, ConversationID: c.ID, ContactID: c.ContactID, Message: m.Note, Conversation: c})
	a.hub.PublishTeam(c.TeamID, desk.Event{Type: desk.EventConversation, ConversationID: c.ID, ContactID: c.ContactID, Conversation: c})
	a.hub.PublishVisitor(c.ContactID, desk.Event{Type: desk.EventConversation, ConversationID: c.ID, ContactID: c.ContactID, Conversation: inbox.ForContact(c)})
}

// pruneVisitors forgets what is over once an hour.
func (a *app) pruneVisitors() {
	const prune = "customer.prune"
	a.jobs.Register(prune, func(ctx context.Context, _ jobs.Job) (jobs.Effect, error) {
		_, err := a.visitors.Prune(ctx)
		return nil, err
	})
	a.jobs.Every(prune, time.Hour, prune)
}
