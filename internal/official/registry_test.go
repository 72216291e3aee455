package official_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

var nadia = store.Actor{Kind: desk.ByAgent, ID: 7, Name: "Nadia"}

func open(t *testing.T, s *store.Store) *official.Registry {
	t.Helper()
	r, err := official.Open(t.Context(), official.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func add(t *testing.T, r *official.Registry, typ official.Type, value string, status official.Status, more ...func(*official.Contact)) official.Contact {
	t.Helper()
	c := official.Contact{Type: typ, Value: value, Status: status}
	for _, f := range more {
		f(&c)
	}
	made, err := r.Create(t.Context(), nadia, c)
	if err != nil {
		t.Fatalf("%s %s: %v", typ, value, err)
	}
	return made
}

func below(c *official.Contact) { c.Subdomains = true }

func shown(c *official.Contact) {
	c.Public, c.Purpose = true, map[string]string{"en": "Everything", "zh-CN": "全部"}
}

// A wrong "official" sends a customer to a thief; a wrong "unknown" only asks an
// editor to register an address.
func TestJudge(t *testing.T) {
	r := open(t, storetest.Open(t))
	add(t, r, official.Domain, "meridian.example", official.Official, below)
	add(t, r, official.Domain, "help.single.example", official.Official)
	add(t, r, official.Domain, "子午.example", official.Official)
	add(t, r, official.Domain, "old.meridian.example", official.KnownFake) // taken over by somebody
	add(t, r, official.Domain, "explorer.example", official.Reference, below)
	add(t, r, official.Domain, "meridian-bonus.example", official.KnownFake, below)
	add(t, r, official.Email, "Support@Meridian.example", official.Official)
	add(t, r, official.Email, "@mail.meridian.example", official.Official)
	add(t, r, official.Email, "support@meridian-bonus.example", official.KnownFake)
	add(t, r, official.X, "@MeridianEx", official.Official)
	add(t, r, official.Telegram, "meridian_help", official.KnownFake)
	add(t, r, official.App, "https://apps.apple.com/us/app/meridian/id123456789", official.Official)

	const ok, ref, fake, unknown = official.Official, official.Reference, official.KnownFake, official.Unknown
	for raw, want := range map[string]official.Status{
		"https://meridian.example":                       ok,
		"https://meridian.example/":                      ok,
		"https://MERIDIAN.example:443/a?b=c#d":           ok,
		"HTTPS://help.meridian.example/x":                ok,
		"https://a.b.meridian.example/x":                 ok,
		"https://meridian.example/?lang=en&id=5":         ok,
		"https://meridian.example/?next=/account":        ok,
		"https://子午.example/":                            ok,
		"https://xn--u2t764e.example/":                   unknown, // another name
		"https://help.single.example/":                   ok,
		"https://www.help.single.example/":               unknown,
		"https://single.example/":                        unknown,
		"https://explorer.example/tx/1":                  ref,
		"https://api.explorer.example/":                  ref,
		"https://x.com/MeridianEx":                       ok,
		"https://x.com/meridianex/status/17":             ok,
		"https://x.com/meridianex_help":                  unknown,
		"https://x.com/":                                 unknown,
		"https://apps.apple.com/cn/app/id123456789":      ok,
		"https://apps.apple.com/cn/app/id999999999":      unknown,
		"mailto:support@meridian.example":                ok,
		"mailto:SUPPORT@MERIDIAN.EXAMPLE?subject=Appeal": ok,
		"mailto:anybody@mail.meridian.example":           ok,
		"mailto:other@meridian.example":                  unknown,

		// disguises of strangers
		"http://meridian.example/":                                    unknown,
		"ftp://meridian.example/":                                     unknown,
		"javascript:alert(1)":                                         unknown,
		"//meridian.example/":                                         unknown,
		"meridian.example":                                            unknown,
		"https://meridian.example@evil.example/":                      unknown,
		"https://user@meridian.example/":                              unknown,
		"https://meridian.example:8443/":                              unknown,
		"https://meridian.example./":                                  unknown,
		`https://meridian.example\@evil.example/`:                     unknown,
		`https:\\meridian.example/`:                                   unknown,
		"https://evil.example\\.meridian.example/":                    unknown,
		"https://meridian%2eexample/":                                 unknown,
		"https://%6deridian.example/":                                 unknown,
		"https://ｍeridian.example/":                                   unknown,
		"https://meridian。example/":                                   unknown,
		"https://merid\u200bian.example/":                             unknown,
		"https://meridian.example\n.evil.example/":                    unknown,
		"https://mеridian.example/":                                   unknown, // Cyrillic е
		"https://xn--mridian-7of.example/":                            unknown,
		"https://notmeridian.example/":                                unknown,
		"https://meridian.example.evil.example/":                      unknown,
		"https://127.0.0.1/":                                          unknown,
		"https://0x7f.1/":                                             unknown,
		"https://[::1]/":                                              unknown,
		"https://2130706433/":                                         unknown,
		"https://meridian.example/?next=https://evil.example/":        unknown,
		"https://meridian.example/?next=%2F%2Fevil.example":           unknown,
		"https://meridian.example/?u=https%3A%5C%5Cevil.example":      unknown,
		"https://meridian.example/#https://evil.example/":             unknown,
		"https://meridian.example/?next=https://explorer.example/":    ok,
		"https://meridian.example/?a=%zz":                             unknown,
		"https://" + strings.Repeat("a", 5000) + ".meridian.example/": unknown,
		"mailto:": unknown,
		"mailto:support@meridian.example,thief@evil.example":             unknown,
		"mailto:support@meridian.example?bcc=thief@evil.example":         unknown,
		"mailto:?to=support@meridian.example&CC=thief@evil.example":      unknown,
		"mailto:support%40meridian.example%2Cthief@evil.example":         unknown,
		"mailto:support@meridian.example%00":                             unknown,
		"mailto:@mail.meridian.example":                                  unknown,
		"":                                                               unknown,
		"https://":                                                       unknown,
		"https:///meridian.example":                                      unknown,
		"https:meridian.example":                                         unknown,
		"https://meridian.example:443@evil.example/":                     unknown,
		"https://evil.example/https://meridian.example":                  unknown,
		"https://evil.example/?https://meridian.example":                 unknown,
		"https://t.me/meridian_help_desk":                                unknown,
		"https://www.t.me.evil.example/meridian_help":                    unknown,
		"https://meridian.example%00.evil.example/":                      unknown,
		"https://meridian.example;evil.example/":                         unknown,
		"data:text/html,<a href=https://meridian.example>":               unknown,
		"https://meridian.example/ https://evil.example/":                unknown,
		"https://meridian.example/?next=https://meridian.example@evil.x": unknown,

		// a fake stays a fake in whatever clothes
		"https://meridian-bonus.example/":                                fake,
		"http://meridian-bonus.example/":                                 fake,
		"https://MERIDIAN-bonus.example.:8443/":                          fake,
		"https://support@login.meridian-bonus.example/":                  fake,
		`https:\\meridian-bonus.example\x`:                               fake,
		"https://meridian.example@meridian-bonus.example":                fake,
		"https://ｍeridian-bonus.example/":                                fake,
		"https://merid\u200bian-bonus.example/":                          fake,
		"https://old.meridian.example/":                                  fake,
		"https://t.me/Meridian_Help":                                     fake,
		"https://t.me/meridian_help?start=1":                             fake,
		"mailto:Support@meridian-bonus.example":                          fake,
		"mailto:support@meridian.example,support@meridian-bonus.example": fake,
	} {
		if got := r.Judge(raw); got.Status != want || (got.Value == "") != (want == unknown) {
			t.Errorf("%q is %+v, want %s", raw, got, want)
		}
	}
}

func TestNormalise(t *testing.T) {
	for _, c := range []struct {
		typ      official.Type
		in, want string
	}{
		{official.Domain, " HTTPS://Help.Meridian.example/ ", "help.meridian.example"},
		{official.Domain, "meridian.example.", "meridian.example"},
		{official.Domain, "Bücher.example", "xn--bcher-kva.example"},
		{official.Domain, "ｍeridian.example", "meridian.example"},
		{official.Domain, "子午.中国", "xn--rkrt0q.xn--fiqs8s"},
		{official.Domain, "com", ""},
		{official.Domain, "co.uk", ""},
		{official.Domain, "pages.dev", ""},
		{official.Domain, "meridian.pages.dev", "meridian.pages.dev"},
		{official.Domain, "localhost", ""},
		{official.Domain, "10.0.0.1", ""},
		{official.Domain, "[::1]", ""},
		{official.Domain, "meridian.example/path", ""},
		{official.Domain, "meridian.example:8080", ""},
		{official.Domain, "*.meridian.example", ""},
		{official.Domain, "a b.example", ""},
		{official.Domain, "under_score.example", ""},
		{official.Domain, "user@meridian.example", ""},
		{official.Domain, strings.Repeat("a.", 130) + "example", ""},
		{official.Email, "Support@MERIDIAN.example", "support@meridian.example"},
		{official.Email, "@Mail.Meridian.example", "@mail.meridian.example"},
		{official.Email, "mailto:a@b.example", "a@b.example"},
		{official.Email, "nobody", ""},
		{official.Email, "a@localhost", ""},
		{official.Email, "a b@c.example", ""},
		{official.Email, "ünïcode@c.example", ""},
		{official.Email, `"quoted"@c.example`, ""},
		{official.Phone, "+44 (20) 7946-0000", "+442079460000"},
		{official.Phone, "0044 20 7946 0000", "+442079460000"},
		{official.Phone, "020 7946 0000", ""},
		{official.Phone, "+0123456789", ""},
		{official.Phone, "+12", ""},
		{official.WhatsApp, "+1 415 555 0100", "+14155550100"},
		{official.X, "@Meridian_Ex", "meridian_ex"},
		{official.X, "https://twitter.com/Meridian_Ex", "meridian_ex"},
		{official.X, "sixteen_letters__", ""},
		{official.Telegram, "https://t.me/MeridianNews", "meridiannews"},
		{official.Telegram, "abc", ""},
		{official.Facebook, "https://www.facebook.com/Meridian.Exchange/", "meridian.exchange"},
		{official.Weibo, "@子午交易所", "子午交易所"},
		{official.Weibo, "https://weibo.com/u/7654321098", "7654321098"},
		{official.WeChat, "MeridianHelp", "meridianhelp"},
		{official.YouTube, "https://www.youtube.com/@MeridianExchange", "meridianexchange"},
		{official.Discord, "https://discord.gg/AbC123", "AbC123"},
		{official.LINE, "@meridian", "meridian"},
		{official.App, "https://apps.apple.com/us/app/meridian/id1234567890", "ios:1234567890"},
		{official.App, "https://play.google.com/store/apps/details?id=example.meridian.app", "android:example.meridian.app"},
		{official.App, "IOS:1234567890", "ios:1234567890"},
		{official.App, "meridian", ""},
		{official.Wallet, "0xABCDEF0123456789abcdef0123456789ABCDEF01", "0xabcdef0123456789abcdef0123456789abcdef01"},
		{official.Wallet, "short", ""},
		{official.X, "", ""},
		{official.X, "a\x00b", ""},
		{"pigeon", "x", ""},
	} {
		got, err := official.Normalise(c.typ, c.in)
		if got != c.want || (err == nil) != (c.want != "") || (err != nil && desk.CodeOf(err) != desk.Invalid) {
			t.Errorf("%s %q is %q (%v), want %q", c.typ, c.in, got, err, c.want)
		}
		if again, _ := official.Normalise(c.typ, got); c.want != "" && again != got {
			t.Errorf("%s %q does not stay as it is: %q", c.typ, got, again)
		}
	}
}

// Two people who edit one entry must not overwrite each other, and each change
// must be on record.
func TestRegistryIsEditedWithoutLoss(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := open(t, s)
		if got := r.Judge("https://meridian.example/"); got.Status != official.Unknown || len(r.Public("", "")) != 0 {
			t.Fatalf("an empty registry says %+v", got)
		}
		version := r.Version()
		c := add(t, r, official.Domain, "Meridian.example", official.Official, shown)
		if c.Value != "meridian.example" || c.Revision != 1 || c.ID == 0 || r.Version() == version {
			t.Fatalf("%+v", c)
		}
		_, err := r.Create(t.Context(), nadia, official.Contact{Type: official.Domain, Value: "https://MERIDIAN.example", Status: official.KnownFake})
		if desk.CodeOf(err) != desk.Conflict {
			t.Errorf("the same contact twice: %v", err)
		}
		yes, fake, nowhere := true, official.KnownFake, "nowhere"
		up, err := r.Update(t.Context(), nadia, c.ID, 1, official.Change{Subdomains: &yes})
		if err != nil || up.Revision != 2 || !up.Subdomains || up.Purpose["zh-CN"] != "全部" {
			t.Fatalf("%+v %v", up, err)
		}
		if r.Judge("https://www.meridian.example/").Status != official.Official {
			t.Error("a change is not seen at once where it was made")
		}
		if _, err := r.Update(t.Context(), nadia, c.ID, 1, official.Change{Subdomains: &yes}); desk.CodeOf(err) != desk.Stale {
			t.Errorf("an old revision: %v", err)
		}
		if _, err := r.Update(t.Context(), nadia, c.ID+1, 1, official.Change{}); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("no such entry: %v", err)
		}
		for name, ch := range map[string]official.Change{
			"status": {Status: new(official.Status)}, "entity": {Entity: &nowhere}, "public": {Status: &fake},
			"purpose": {Purpose: map[string]string{"en": "Only"}}, "value": {Value: &nowhere},
		} {
			_, err := r.Update(t.Context(), nadia, c.ID, 2, ch)
			if desk.CodeOf(err) != desk.Invalid || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := r.Delete(t.Context(), nadia, c.ID, 1); desk.CodeOf(err) != desk.Stale {
			t.Errorf("deleted in an old revision: %v", err)
		}
		if err := r.Delete(t.Context(), nadia, c.ID, 2); err != nil {
			t.Fatal(err)
		}
		if err := r.Delete(t.Context(), nadia, c.ID, 2); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("deleted twice: %v", err)
		}
		if r.Judge("https://meridian.example/").Status != official.Unknown {
			t.Error("a deleted contact is still official")
		}
		entries, _, err := s.Read(t.Context()).AuditEntries("", 10)
		if err != nil || len(entries) != 3 || entries[0].Action != "official.delete" || entries[1].Action != "official.update" || entries[2].ActorName != "Nadia" {
			t.Fatalf("audit: %+v %v", entries, err)
		}
		detail, _ := json.Marshal(entries[1].Detail)
		if string(detail) != `{"subdomains":{"from":false,"to":true},"value":"meridian.example"}` {
			t.Errorf("audit detail: %s", detail)
		}
	})
}

// The contact page of one legal entity must not show another's channels, and
// never a fake.
func TestPublic(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, code := range []string{"eu", "us"} {
			err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.PutEntity(store.Entity{Code: code, Name: code}) })
			if err != nil {
				t.Fatal(err)
			}
		}
		r := open(t, s)
		at := func(entity, region string, position int) func(*official.Contact) {
			return func(c *official.Contact) { c.Entity, c.Region, c.Position = entity, region, position }
		}
		add(t, r, official.Email, "support@meridian.example", official.Official, shown, at("", "", 2))
		add(t, r, official.Email, "eu@meridian.example", official.Official, shown, at("eu", "", 1))
		add(t, r, official.X, "meridian_us", official.Official, shown, at("us", "", 3))
		add(t, r, official.X, "meridian_fr", official.Official, shown, at("eu", "fr", 4))
		add(t, r, official.X, "internal", official.Official)
		add(t, r, official.X, "thief", official.KnownFake)
		for _, c := range []struct{ entity, region, want string }{
			{"", "", "support@meridian.example"},
			{"eu", "", "eu@meridian.example support@meridian.example"},
			{"eu", "fr", "eu@meridian.example support@meridian.example meridian_fr"},
			{"us", "fr", "support@meridian.example meridian_us"},
		} {
			var got []string
			for _, p := range r.Public(c.entity, c.region) {
				got = append(got, p.Value)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s/%s shows %v, want %s", c.entity, c.region, got, c.want)
			}
		}
		eu := r.Public("eu", "")[0]
		if eu.PurposeIn("zh-TW") != "全部" || eu.PurposeIn("fr") != "Everything" || eu.Link() != "mailto:eu@meridian.example" {
			t.Errorf("%+v", eu)
		}
	})
}

// What one node registers as a fake must warn customers on every node within
// seconds.
func TestOtherNodesSeeChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		here, there := open(t, s), open(t, s)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { there.Run(ctx); close(done) }()
		add(t, here, official.Domain, "meridian-bonus.example", official.KnownFake)
		for deadline := time.Now().Add(20 * time.Second); there.Judge("https://meridian-bonus.example").Status != official.KnownFake; {
			if time.Now().After(deadline) {
				t.Fatal("the other node does not know")
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		<-done
	})
}
