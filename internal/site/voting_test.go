package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/web"
)

// A vote works as a plain form, thanks the reader, and keeps the way to a
// person.
func TestVoteWithoutScripts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		st := put(t, s)
		page := st.get("/en/a/security/stolen").Body.String()
		expect(t, page, "Was this helpful?", `action="/en/a/security/stolen/vote"`, `name="reason" value="unclear"`, `name="comment"`, `data-vote="/api/v1/articles/security/stolen/vote"`)
		const comment = `<script>alert("x")</script> step 2 is old`
		w := st.ask("POST", home+"/en/a/security/stolen/vote", url.Values{"helpful": {"no"}, "reason": {"wrong"}, "comment": {comment}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/a/security/stolen?voted=1#vote" {
			t.Fatalf("%d %v\n%s", w.Code, w.Header(), w.Body)
		}
		thanks := st.get("/en/a/security/stolen?voted=1")
		expect(t, thanks.Body.String(), "Thank you.", "Still not solved?", "/app?locale=en", "!Was this helpful?", "!alert(")
		if thanks.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("thanks are kept: %v", thanks.Header())
		}
		expect(t, st.get("/en/a/security/stolen").Body.String(), "Was this helpful?", "!<div class=\"vote-thanks\" role=\"status\">")
		list, _, err := s.Read(t.Context()).Feedback(store.FeedbackFilter{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Helpful || list[0].Reason != "wrong" || list[0].Comment != comment {
			t.Errorf("stored %+v, %v", list, err)
		}
		if len(list) == 1 && (strings.Contains(list[0].Voter, "192.0.2.1") || strings.Contains(list[0].Voter, "Safari")) {
			t.Errorf("the voter is known: %q", list[0].Voter)
		}
		st.ask("POST", home+"/zh-TW/a/security/stolen/vote", url.Values{"helpful": {"yes"}, "reason": {"wrong"}})
		list, _, err = s.Read(t.Context()).Feedback(store.FeedbackFilter{Limit: 10, Locale: "zh-TW"})
		if err != nil || len(list) != 1 || !list[0].Helpful || list[0].Reason != "" {
			t.Errorf("stored %+v, %v", list, err)
		}
	})
}

func TestVotesThatAreRefused(t *testing.T) {
	st := put(t, storetest.Open(t))
	for _, tc := range []struct {
		name, path string
		form       url.Values
		header     []string
		status     int
	}{
		{"neither yes nor no", "/en/a/security/stolen/vote", url.Values{"helpful": {"perhaps"}}, nil, 422},
		{"nothing", "/en/a/security/stolen/vote", url.Values{}, nil, 422},
		{"in the address", "/en/a/security/stolen/vote?helpful=yes", url.Values{}, nil, 422},
		{"a made-up reason", "/en/a/security/stolen/vote", url.Values{"helpful": {"no"}, "reason": {"<b>"}}, nil, 422},
		{"no such article", "/en/a/security/nope/vote", url.Values{"helpful": {"yes"}}, nil, 404},
		{"from another site", "/en/a/security/stolen/vote", url.Values{"helpful": {"yes"}}, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.test"}, 403},
		{"too long a comment is cut", "/en/a/security/stolen/vote", url.Values{"helpful": {"no"}, "comment": {strings.Repeat("长", 5000)}}, nil, 303},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := st.ask("POST", home+tc.path, tc.form, tc.header...)
			if w.Code != tc.status {
				t.Errorf("%d, want %d\n%s", w.Code, tc.status, w.Body)
			}
			if tc.status >= 400 {
				expect(t, w.Body.String(), "<html", `href="/en/contact"`, "!<b>")
			}
		})
	}
	if w := st.get("/en/a/security/stolen/vote"); w.Code != 404 && w.Code != 405 {
		t.Errorf("a vote by a link: %d", w.Code)
	}
}

// Editors see what is read and which search led there; programs, other sites'
// searches and secrets are not counted.
func TestReadingIsCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		st := put(t, s)
		const path = "/en/a/security/stolen"
		st.get(path)                                                          // made
		st.get(path)                                                          // kept
		st.ask("HEAD", home+path, nil)                                        // not read
		st.get(path, "User-Agent", "Googlebot/2.1")                           // nobody
		st.get(path + "?voted=1")                                             // counted before
		st.get("/en/search?q=freeze")                                         // a search
		st.get(path, "Referer", home+"/en/search?q=freeze")                   // that led here
		st.get(path, "Referer", "https://evil.test/en/search?q=freeze")       // another site's
		st.get(path, "Referer", home+"/en/search?q="+url.QueryEscape(phrase)) // a secret
		if q := st.site.Find(question(path, reader, home+"/en/search?q=freeze")); q == nil {
			t.Error("the front does not know the page")
		}
		if err := st.help.Usage().Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		today := s.Now().UTC().Format(time.DateOnly)
		span := store.UsageSpan{From: today, To: today, Locale: "en"}
		totals, _, err := s.Read(t.Context()).UsageOf(span)
		if err != nil || totals.Views != 6 || totals.Searches != 1 {
			t.Errorf("%+v %v", totals, err)
		}
		top, err := s.Read(t.Context()).TopQueries(span, 10)
		if err != nil || totals.Unclicked != 0 {
			t.Errorf("%+v %v %v", totals, top, err)
		}
	})
}

func question(path, agent, referer string) *web.Question {
	return &web.Question{Host: []byte("help.meridian.example"), Path: []byte(path), UserAgent: []byte(agent), Referer: []byte(referer)}
}
