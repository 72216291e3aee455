package api

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/staff"
)

// newsroom is the API with a Help Center whose registry knows two addresses.
func newsroom(e *env) {
	e.Helper()
	blobs, err := blob.OpenDisk(e.TempDir())
	if err != nil {
		e.Fatal(err)
	}
	e.api.HelpCenter, err = helpcenter.New(e.Context(), helpcenter.Config{Store: e.store, Blobs: blobs, Judge: func(url string) helpcenter.LinkStatus {
		switch {
		case strings.Contains(url, "meridian.example"):
			return helpcenter.LinkOfficial
		case strings.Contains(url, "fake"):
			return helpcenter.LinkFake
		}
		return helpcenter.LinkUnknown
	}})
	if err != nil {
		e.Fatal(err)
	}
}

func text(revision int, title, body string) map[string]any {
	return map[string]any{"revision": revision, "title": title, "summary": "About it.", "body": body, "tags": []string{"a"}}
}

// The editorial life as the console lives it.
func TestEditingArticles(t *testing.T) {
	eachEngine(t, func(e *env) {
		newsroom(e)
		_, ed := e.member(desk.Editor, "ed@desk.example")
		agent, wen := e.member(desk.AgentRole, "wen@desk.example")
		cat := ed.must(201, "POST", "/help/categories", map[string]any{
			"slug": "deposits", "icon": "deposit", "texts": map[string]any{"en": map[string]string{"title": "Deposits"}, "zh-CN": map[string]string{"title": "充值", "description": "查"}},
		})
		category := cat.str("category.id")
		made := wen.must(201, "POST", "/help/articles", map[string]any{"category_id": category, "locale": "en", "title": "Late deposit"})
		id := made.str("article.id")
		if made.str("article.slug") != "late-deposit" || made.str("article.owner_id") != agent.ID.String() || made.str("article.category") != "deposits" ||
			made.get("article.texts.en.status") != "draft" || made.get("article.revision") != 1.0 {
			e.Errorf("%s", made.text)
		}
		path := "/help/articles/" + id + "/texts/en"
		saved := wen.must(200, "PUT", path, text(1, "Late deposit", "Wait.\n\nSee <https://help.meridian.example/x> and [fake](https://fake.example)."))
		if saved.get("text.revision") != 2.0 || saved.str("text.problems.0.kind") != "link_fake" || saved.get("text.problems.0.line") != 3.0 || saved.str("text.edited_by_name") == "" {
			e.Errorf("%s", saved.text)
		}
		// Who may not publish does not; and what would harm does not go up.
		stage := func(revision int, stage string) map[string]any {
			return map[string]any{"revision": revision, "stage": stage}
		}
		wen.must(403, "POST", path+"/stage", stage(2, "published"))
		wen.must(403, "POST", path+"/stage", stage(2, "archived"))
		wen.must(403, "POST", path+"/stage", map[string]any{"revision": 2, "stage": "scheduled", "publish_at": 1 << 60})
		wen.must(200, "POST", path+"/stage", stage(2, "review"))
		refused := ed.must(422, "POST", path+"/stage", stage(3, "published"))
		if refused.str("problems.0.kind") != "link_fake" || refused.str("problems.0.message") == "" || refused.str("code") != "invalid" {
			e.Errorf("%s", refused.text)
		}
		// Two at once: the second keeps what was typed and gets the other's.
		ed.must(200, "PUT", path, text(3, "Late deposit", "Wait an hour."))
		stale := wen.must(409, "PUT", path, text(3, "Late deposit", "Mine."))
		if stale.str("code") != "stale" || stale.str("current.body") != "Wait an hour." || stale.get("current.revision") != 4.0 {
			e.Errorf("%s", stale.text)
		}
		up := ed.must(200, "POST", path+"/stage", stage(4, "published"))
		if up.get("text.live") == 0.0 || up.str("text.status") != "published" || up.get("text.due_at") == 0.0 {
			e.Errorf("%s", up.text)
		}
		public := e.browser().must(200, "GET", "/articles/deposits/late-deposit?locale=en", nil)
		if !strings.Contains(public.str("html"), "Wait an hour.") || strings.Contains(public.text, "fake") {
			e.Errorf("%s", public.text)
		}
		// Versions, and one of them back.
		versions := wen.must(200, "GET", path+"/versions", nil)
		if versions.get("versions.0.live") != true || versions.str("versions.0.action") != "publish" {
			e.Errorf("%s", versions.text)
		}
		old := wen.must(200, "GET", path+"/versions/1", nil)
		if !strings.Contains(old.str("version.body"), "fake") && old.str("version.title") != "Late deposit" {
			e.Errorf("%s", old.text)
		}
		back := wen.must(200, "POST", path+"/versions/1/restore", map[string]any{"revision": 5})
		if back.str("text.status") != "draft" || back.get("text.live") == 0.0 {
			e.Errorf("%s", back.text)
		}
		wen.must(404, "GET", path+"/versions/99", nil)
		// The list counts what needs attention.
		list := wen.must(200, "GET", "/help/articles?attention=missing&locale=zh-CN", nil)
		if list.get("counts.all") != 1.0 || list.get("counts.missing") != 1.0 || list.str("articles.0.id") != id || list.str("articles.0.owner_name") == "" {
			e.Errorf("%s", list.text)
		}
		for query, n := range map[string]int{"q=LATE": 1, "q=nothing": 0, "status=published": 0, "status=draft": 1, "attention=links": 1, "attention=due": 0, "category=deposits": 1, "category=x": 0, "owner=" + agent.ID.String(): 1, "owner=none": 0, "entity=eu": 0} {
			if list := wen.must(200, "GET", "/help/articles?"+query, nil); len(list.get("articles").([]any)) != n {
				e.Errorf("%s: %s", query, list.text)
			}
		}
		// Moving what is up is publishing; a redirect stays.
		patch := map[string]any{"revision": 1, "slug": "deposit-late"}
		wen.must(403, "PATCH", "/help/articles/"+id, patch)
		moved := ed.must(200, "PATCH", "/help/articles/"+id, patch)
		if moved.str("article.redirects.0") != "late-deposit" {
			e.Errorf("%s", moved.text)
		}
		if got := e.browser().must(200, "GET", "/articles/deposits/late-deposit?locale=en", nil); got.str("slug") != "deposit-late" {
			e.Errorf("the old address: %s", got.text)
		}
		ed.must(409, "PATCH", "/help/articles/"+id, patch)
		ed.must(409, "DELETE", "/help/articles/"+id+"?revision=2", nil)
		wen.must(403, "DELETE", "/help/articles/"+id+"?revision=2", nil)
		ed.must(409, "DELETE", "/help/categories/"+category, nil)
		wen.must(403, "POST", "/help/categories", map[string]any{"slug": "x", "texts": map[string]any{}})
		ed.must(422, "POST", "/help/categories", map[string]any{"slug": "X y", "texts": map[string]any{}})
		renamed := ed.must(200, "PATCH", "/help/categories/"+category, map[string]any{"revision": 1, "slug": "find-deposit"})
		if renamed.get("category.articles") != 1.0 || renamed.get("category.revision") != 2.0 {
			e.Errorf("%s", renamed.text)
		}
		ed.must(409, "PATCH", "/help/categories/"+category, map[string]any{"revision": 1})
		ed.must(200, "POST", path+"/reviewed", map[string]any{"revision": 6})
		if got := strings.Join(e.actions(), " "); !strings.Contains(got, "article.publish") || !strings.Contains(got, "article.slug") {
			e.Errorf("audit: %s", got)
		}
	})
}

func TestTraditionalChineseIsDerivedUntilWritten(t *testing.T) {
	eachEngine(t, func(e *env) {
		newsroom(e)
		_, ed := e.member(desk.Editor, "ed@desk.example")
		cat := ed.must(201, "POST", "/help/categories", map[string]any{"slug": "c", "texts": map[string]any{"en": map[string]string{"title": "C"}, "zh-CN": map[string]string{"title": "账户"}}})
		made := ed.must(201, "POST", "/help/articles", map[string]any{"category_id": cat.str("category.id"), "locale": "zh-CN", "title": "软件登录", "slug": "software"})
		base := "/help/articles/" + made.str("article.id")
		ed.must(422, "POST", "/help/articles", map[string]any{"category_id": cat.str("category.id"), "locale": "zh-CN", "title": "没有拉丁字母"})
		ed.must(200, "PUT", base+"/texts/zh-CN", text(1, "软件登录", "检查`软件`账户。"))
		ed.must(200, "POST", base+"/texts/zh-CN/stage", map[string]any{"revision": 2, "stage": "published"})
		derived := ed.must(200, "GET", base+"/derived/zh-TW", nil)
		if derived.str("title") != "軟體登入" || derived.str("body") != "檢查`软件`帳戶。" {
			e.Errorf("%s", derived.text)
		}
		got := e.browser().must(200, "GET", "/articles/c/software?locale=zh-TW", nil)
		if got.str("locale") != "zh-TW" || got.str("title") != "軟體登入" {
			e.Errorf("%s", got.text)
		}
		found := e.browser().must(200, "GET", "/articles?locale=zh-TW&q=%E8%BB%9F%E9%AB%94&prefix=true", nil)
		if found.str("articles.0.url") != "/zh-TW/a/c/software" {
			e.Errorf("%s", found.text)
		}
		ed.must(200, "PUT", base+"/texts/zh-TW", text(0, "自己寫的", "內容。"))
		ed.must(204, "DELETE", base+"/texts/zh-TW?revision=1", nil)
		ed.must(409, "DELETE", base+"/texts/zh-CN?revision=3", nil)
		ed.must(422, "PUT", base+"/texts/fr", text(0, "Bonjour", "x"))
	})
}

// post sends a body that is not JSON.
func (b *browser) post(path, contentType string, data []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", publicURL+prefix+path, bytes.NewReader(data))
	r.RemoteAddr = b.ip + ":40000"
	r.Header.Set("Content-Type", contentType)
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: b.cookie})
	w := httptest.NewRecorder()
	b.e.handler.ServeHTTP(w, r)
	return w
}

// Pictures are made anew: what a phone wrote into them about a place is gone.
func TestPicturesAndPreview(t *testing.T) {
	e := newEnv(t, "sqlite:"+t.TempDir()+"/v.db")
	newsroom(e)
	_, wen := e.member(desk.AgentRole, "wen@desk.example")
	_, auditor := e.member(desk.Auditor, "aud@desk.example")
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 5, 4))); err != nil {
		t.Fatal(err)
	}
	place := "GPS 1.23,4.56"
	chunk := append([]byte{0, 0, 0, byte(len(place))}, "tEXt"+place+"\x00\x00\x00\x00"...)
	with := append(bytes.Clone(picture.Bytes()[:33]), append(chunk, picture.Bytes()[33:]...)...)
	if w := auditor.post("/help/images", "image/png", picture.Bytes()); w.Code != 403 {
		t.Errorf("an auditor: %d", w.Code)
	}
	for name, data := range map[string][]byte{"no picture": []byte("<svg onload=alert(1)>"), "empty": {}, "cut": picture.Bytes()[:40]} {
		if w := wen.post("/help/images", "image/png", data); w.Code != 422 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := wen.post("/help/images", "image/png", make([]byte, 11<<20)); w.Code != 413 {
		t.Errorf("11 MB: %d %s", w.Code, w.Body)
	}
	big := bytes.Clone(with)
	w := wen.post("/help/images", "image/jpeg", big)
	if w.Code != 201 && w.Code != 422 { // the checksum of the chunk is wrong: a strict decoder refuses
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = wen.post("/help/images", "image/jpeg", picture.Bytes()) // what it is counts, not what is said
	var made newHelpImage
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != 201 || made.Width != 5 || made.Height != 4 || made.URL != "/media/"+made.Name || made.Markdown != "![]("+made.URL+")" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	r, m, err := e.api.HelpCenter.OpenMedia(t.Context(), made.Name)
	if err != nil || m.Type != "image/png" || m.Bytes != made.Bytes {
		t.Fatalf("%+v %v", m, err)
	}
	r.Close() //nolint:errcheck // it was only opened
	seen := wen.must(200, "POST", "/help/preview", map[string]any{
		"locale": "en", "category": "c", "body": "## Step\n\n![A screen](" + made.URL + ")\n\n<script>alert(1)</script>\n\n![x](https://evil.test/a.png)\n",
	})
	if html := seen.str("html"); !strings.Contains(html, `<img src="`+made.URL+`" alt="A screen" width="5" height="4" loading="lazy" decoding="async">`) ||
		strings.Contains(html, "script") || strings.Contains(html, "evil") {
		t.Errorf("%s", html)
	}
	if seen.str("problems.0.kind") != "html" || seen.str("problems.1.kind") != "image_foreign" {
		t.Errorf("%s", seen.text)
	}
	auditor.must(403, "POST", "/help/preview", map[string]any{"locale": "en", "category": "c", "body": ""})
	auditor.must(403, "GET", "/help/articles", nil)
	e.browser().must(401, "GET", "/help/articles", nil)
}
