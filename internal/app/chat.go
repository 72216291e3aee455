package app

import (
	"context"

	"github.com/veridesk/veridesk/internal/api"
	"github.com/veridesk/veridesk/internal/channel"
	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/mailout"
)

// openChat opens the ways to contacts who are away.
func (a *app) openChat(ctx context.Context) (err error) {
	a.chat, err = chat.Open(ctx, chat.Config{
		Store: a.store, Vault: a.vault, Brand: a.brand(), Subject: a.cfg.PushSubject(),
		WebhookURL: a.cfg.Push.WebhookURL, WebhookSecret: a.cfg.Push.WebhookSecret, AllowPrivate: a.cfg.Demo, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.chat.Register(a.jobs)
	o := inbox.Outlets{
		Adapters: []channel.Adapter{a.chat}, PublicURL: a.cfg.PublicURL, Pages: a.cfg.EmbedOrigins(), RetentionDays: a.cfg.RetentionDays,
	}
	if a.cfg.SMTP.Host != "" || a.cfg.Demo { // otherwise mails would only be stored to be looked at
		o.EnqueueMail = mailout.Enqueue
	}
	a.inbox.Register(a.jobs, o)
	return nil
}

// widget is what the widget is told about the desk.
func (a *app) widget() api.Widget {
	return api.Widget{
		Push: a.chat, RetentionDays: a.cfg.RetentionDays, Login: a.exchangeLogin().Enabled(), MaxFileBytes: a.cfg.MaxUploadBytes(),
	}
}
