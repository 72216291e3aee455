package api

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/insight"
	"github.com/veridesk/veridesk/internal/official"
)

// help gives the API a Help Center of one article, insight, announcements and
// the registry.
func (e *env) help() {
	e.Helper()
	hc, err := helpcenter.New(e.Context(), helpcenter.Config{Store: e.store})
	if err != nil {
		e.Fatal(err)
	}
	text := func(title string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\nsummary: Summary.\norder: 1\nupdated: 2026-02-03\n---\nText.\n")}
	}
	if _, err = hc.Import(e.Context(), fstest.MapFS{
		"categories.yaml":               {Data: []byte("- slug: safe\n  title: {en: Security, zh-CN: 账户安全}\n")},
		"articles/en/safe/stolen.md":    text("Account stolen"),
		"articles/zh-CN/safe/stolen.md": text("账户被盗"),
	}); err != nil {
		e.Fatal(err)
	}
	if _, err := hc.Refresh(e.Context()); err != nil {
		e.Fatal(err)
	}
	e.api.HelpCenter, e.api.Insight = hc, insight.New(e.store)
	if e.api.Official, err = official.Open(e.Context(), official.Config{Store: e.store}); err != nil {
		e.Fatal(err)
	}
	e.api.Announcements, err = announce.New(e.Context(), announce.Config{Store: e.store, MayLink: func(u string) bool {
		return e.api.Official.Judge(u).Status == official.Official
	}})
	if err != nil {
		e.Fatal(err)
	}
}

// From a reader who finds nothing to the editor who sees it.
func TestInsightOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.help()
		e.talk()
		_, kai := e.member(desk.Editor, "kai@meridian.example")
		_, mei := e.member(desk.AgentRole, "mei@meridian.example")
		reader := e.browser()
		robot := e.browser()
		robot.header = map[string]string{"User-Agent": "Googlebot/2.1"}
		for _, b := range []*browser{reader, robot} {
			b.must(200, "GET", "/articles/safe/stolen?locale=en", nil)
			b.must(204, "POST", "/articles/searched", map[string]any{"locale": "en", "query": "Lost Funds", "hits": 0})
		}
		reader.must(204, "POST", "/articles/searched", map[string]any{"locale": "en", "query": "stolen", "hits": 1, "clicked": "safe/stolen"})
		reader.must(204, "POST", "/articles/searched", map[string]any{"locale": "en", "query": "uid 204918377", "hits": 1})
		reader.must(204, "POST", "/articles/searched", map[string]any{"locale": "en", "query": " ", "hits": 1})
		reader.must(422, "POST", "/articles/searched", map[string]any{"locale": "en", "query": strings.Repeat("x", 401), "hits": 1})

		reader.must(204, "POST", "/articles/safe/stolen/vote", map[string]any{"locale": "en", "helpful": true})
		reader.must(204, "POST", "/articles/safe/stolen/vote", map[string]any{"locale": "en", "helpful": false, "reason": "unclear", "comment": "Which page?"})
		reader.must(422, "POST", "/articles/safe/stolen/vote", map[string]any{"locale": "en", "helpful": false, "reason": "ugly"})
		reader.must(404, "POST", "/articles/safe/nothing/vote", map[string]any{"locale": "en", "helpful": true})
		if res := reader.must(422, "POST", "/articles/safe/stolen/vote", map[string]any{"locale": "en", "helpful": false, "comment": strings.Repeat("字", 1001)}); res.str("fields.comment") == "" {
			e.Errorf("%s", res.text)
		}

		visitor := e.visitor()
		visitor.must(201, "POST", "/visitor/conversations", map[string]any{"client_id": "device-0001", "body": "Help!", "article": "safe/stolen", "query": "lost funds"})
		visitor.must(201, "POST", "/visitor/conversations", map[string]any{"client_id": "device-0002", "body": "Help!", "page_url": publicURL + "/zh-CN/a/old-category/stolen?token=abc#x"})
		visitor.must(201, "POST", "/visitor/conversations", map[string]any{"client_id": "device-0003", "body": "Help!", "article": "safe/nothing", "page_url": publicURL + "/en/a/safe/stolen"})
		if err := e.api.HelpCenter.Usage().Flush(e.Context()); err != nil {
			e.Fatal(err)
		}

		res := kai.must(200, "GET", "/help/insight?from=2026-03-01&to=2026-03-01", nil)
		forbid(e, res, "204918377", "token")
		for path, want := range map[string]any{
			"totals.views": 1.0, "totals.helpful": 0.0, "totals.unhelpful": 1.0, "totals.searches": 3.0, "totals.nothing": 1.0, "totals.unclicked": 1.0, "totals.conversations": 2.0,
			"before.views": 0.0, "days.0.day": "2026-03-01", "days.0.conversations": 2.0,
			"articles.0.slug": "stolen", "articles.0.category": "safe", "articles.0.title": "Account stolen", "articles.0.conversations": 1.0,
			"articles.1.locale": "zh-CN", "articles.1.conversations": 1.0,
			"nothing.0.query": "lost funds", "led_to_conversation.0.query": "lost funds", "led_to_conversation.0.conversations": 1.0,
		} {
			if got := res.get(path); got != want {
				e.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		if e.Failed() {
			e.Logf("%s", res.text)
		}
		kai.must(422, "GET", "/help/insight?from=2026-03-02&to=2026-03-01", nil)
		kai.must(422, "GET", "/help/insight?locale=fr", nil)
		mei.must(403, "GET", "/help/insight", nil)

		list := kai.must(200, "GET", "/help/feedback?helpful=false", nil)
		if list.str("feedback.0.comment") != "Which page?" || list.str("feedback.0.slug") != "stolen" || list.get("next") != "" {
			e.Errorf("%s", list.text)
		}
		forbid(e, list, "203.0.113", "TestBrowser", "voter")
		if n := len(kai.must(200, "GET", "/help/feedback?helpful=true", nil).get("feedback").([]any)); n != 0 {
			e.Errorf("%d helpful votes", n)
		}
		mei.must(403, "GET", "/help/feedback", nil)
	})
}

func TestSynonymsOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.help()
		_, kai := e.member(desk.Editor, "kai@meridian.example")
		_, olof := e.member(desk.Auditor, "olof@meridian.example")
		first := kai.must(200, "GET", "/help/synonyms", nil)
		if first.get("revision") != 0.0 || len(first.get("groups").([]any)) == 0 {
			e.Errorf("%s", first.text)
		}
		groups := [][]string{{"提币", "提现"}, {"2FA", "谷歌验证"}}
		saved := kai.must(200, "PUT", "/help/synonyms", map[string]any{"revision": 0, "groups": groups})
		if saved.get("revision") != 1.0 || saved.str("groups.0.1") != "提现" {
			e.Errorf("%s", saved.text)
		}
		if res := kai.must(409, "PUT", "/help/synonyms", map[string]any{"revision": 0, "groups": groups}); res.str("code") != "stale" || strings.Contains(res.str("message"), "messages") {
			e.Errorf("%s", res.text)
		}
		res := kai.must(422, "PUT", "/help/synonyms", map[string]any{"revision": 1, "groups": [][]string{{"a", "b"}, {"c"}}})
		if got := res.body["fields"].(map[string]any)["groups.2"]; got != "A group has between 2 and 20 words." {
			e.Errorf("%s", res.text)
		}
		kai.locale = "zh-CN"
		res = kai.must(422, "PUT", "/help/synonyms", map[string]any{"revision": 1, "groups": [][]string{{"a", "b"}, {"c"}}})
		if got := res.body["fields"].(map[string]any)["groups.2"]; got != "每组需有 2 到 20 个词。" {
			e.Errorf("%s", res.text)
		}
		olof.must(200, "GET", "/help/synonyms", nil)
		olof.must(403, "PUT", "/help/synonyms", map[string]any{"revision": 1, "groups": groups})
	})
}

func announcement(title string, more ...any) map[string]any {
	out := map[string]any{"level": "info", "texts": map[string]any{"en": map[string]any{"title": title, "body": ""}, "zh-CN": map[string]any{"title": "软件维护", "body": "今晚"}}}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// A false banner reaches every customer at once: only those may who should, and
// it leads only where the operator is.
func TestAnnouncementsOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.help()
		_, rosa := e.member(desk.Supervisor, "rosa@meridian.example")
		_, mei := e.member(desk.AgentRole, "mei@meridian.example")
		_, olof := e.member(desk.Auditor, "olof@meridian.example")
		reader := e.browser()
		for _, b := range []*browser{mei, olof} {
			b.must(403, "GET", "/announcements", nil)
			b.must(403, "POST", "/announcements", announcement("x"))
			b.must(403, "PATCH", "/announcements/1", map[string]any{"revision": 1})
			b.must(403, "DELETE", "/announcements/1?revision=1", nil)
		}
		reader.must(401, "GET", "/announcements", nil)

		draft := rosa.must(201, "POST", "/announcements", announcement("Draft"))
		if draft.str("announcement.state") != "draft" {
			e.Errorf("%s", draft.text)
		}
		rosa.must(422, "POST", "/announcements", announcement("Link", "url", "https://status.meridian.example/"))
		rosa.must(422, "POST", "/announcements", map[string]any{"level": "info", "texts": map[string]any{"en": map[string]any{"title": "x", "body": ""}}})
		made := rosa.must(201, "POST", "/announcements", announcement("Maintenance", "published", true, "level", "incident"))
		id := made.str("announcement.id")
		if made.str("announcement.state") != "active" || made.get("announcement.revision") != 1.0 {
			e.Errorf("%s", made.text)
		}
		active := reader.must(200, "GET", "/announcements/active?locale=zh-TW", nil)
		if active.str("announcements.0.title") != "軟體維護" || len(active.get("announcements").([]any)) != 1 {
			e.Errorf("%s", active.text)
		}
		forbid(e, active, "Draft", "revision", "created")
		if res := rosa.must(409, "PATCH", "/announcements/"+id, map[string]any{"revision": 7, "published": false}); res.str("code") != "stale" {
			e.Errorf("%s", res.text)
		}
		rosa.must(200, "PATCH", "/announcements/"+id, map[string]any{"revision": 1, "published": false})
		if res := reader.must(200, "GET", "/announcements/active", nil); res.text != `{"announcements":[]}`+"\n" {
			e.Errorf("%q", res.text)
		}
		if list := rosa.must(200, "GET", "/announcements", nil); len(list.get("announcements").([]any)) != 2 {
			e.Errorf("%s", list.text)
		}
		rosa.must(409, "DELETE", "/announcements/"+id+"?revision=1", nil)
		rosa.must(204, "DELETE", "/announcements/"+id+"?revision=2", nil)
		rosa.must(404, "DELETE", "/announcements/"+id+"?revision=2", nil)
		if got := fmt.Sprint(e.actions()[len(e.actions())-3:]); got != "[announcement.create announcement.update announcement.delete]" {
			e.Errorf("audit: %s", got)
		}
	})
}

func TestRegistryOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.help()
		_, nadia := e.member(desk.Compliance, "nadia@meridian.example")
		_, kai := e.member(desk.Editor, "kai@meridian.example")
		_, olof := e.member(desk.Auditor, "olof@meridian.example")
		body := map[string]any{
			"type": "domain", "value": " https://Meridian.example/ ", "status": "official", "subdomains": true, "public": true,
			"purpose": map[string]string{"en": "Our site", "zh-CN": "官网"},
		}
		for _, b := range []*browser{kai, olof} {
			b.must(403, "POST", "/official/contacts", body)
			b.must(403, "PATCH", "/official/contacts/1", map[string]any{"revision": 1})
			b.must(403, "DELETE", "/official/contacts/1?revision=1", nil)
		}
		olof.must(200, "GET", "/official/contacts", nil) // whoever answers people must know what is ours
		e.browser().must(401, "GET", "/official/contacts", nil)

		made := nadia.must(201, "POST", "/official/contacts", body)
		id := made.str("contact.id")
		if made.str("contact.value") != "meridian.example" || made.str("contact.purpose.zh-CN") != "官网" {
			e.Errorf("%s", made.text)
		}
		if res := nadia.must(409, "POST", "/official/contacts", body); res.str("fields.value") == "" {
			e.Errorf("%s", res.text)
		}
		for name, bad := range map[string]map[string]any{
			"value":      {"type": "domain", "value": "co.uk", "status": "official"},
			"type":       {"type": "pigeon", "value": "x", "status": "official"},
			"status":     {"type": "x", "value": "x", "status": "unknown"},
			"public":     {"type": "x", "value": "x", "status": "known_fake", "public": true},
			"subdomains": {"type": "x", "value": "x", "status": "official", "subdomains": true},
			"purpose":    {"type": "x", "value": "x", "status": "official", "public": true},
		} {
			if res := nadia.must(422, "POST", "/official/contacts", bad); res.str("fields."+name) == "" {
				e.Errorf("%s: %s", name, res.text)
			}
		}
		if list := kai.must(200, "GET", "/official/contacts", nil); list.str("contacts.0.id") != id {
			e.Errorf("%s", list.text)
		}
		nadia.must(200, "PATCH", "/official/contacts/"+id, map[string]any{"revision": 1, "subdomains": false})
		if res := nadia.must(409, "PATCH", "/official/contacts/"+id, map[string]any{"revision": 1, "public": false}); res.str("code") != "stale" {
			e.Errorf("%s", res.text)
		}
		nadia.must(204, "DELETE", "/official/contacts/"+id+"?revision=2", nil)
		nadia.must(404, "PATCH", "/official/contacts/"+id, map[string]any{"revision": 2})
	})
}
