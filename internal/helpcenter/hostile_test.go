package helpcenter_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/net/html"

	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

var (
	mayStand = map[string][]string{
		"p": nil, "br": nil, "hr": nil, "em": nil, "strong": nil, "del": nil, "code": nil, "pre": nil, "blockquote": nil, "ul": nil, "ol": {"start"}, "li": nil,
		"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"align"}, "td": {"align"},
		"h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"}, "a": {"href", "rel"},
		"img": {"src", "alt", "width", "height", "loading", "decoding"}, "div": {"class", "role", "tabindex", "aria-label"},
		"html": nil, "head": nil, "body": nil,
	}
	ourPicture = regexp.MustCompile(`^/media/[0-9a-f]{32}\.(png|jpg)$`)
)

// harmless reads HTML as a browser does and says what in it could run, load from
// elsewhere or lead where it may not.
func harmless(markup string) error {
	doc, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		return err
	}
	var walk func(n *html.Node) error
	walk = func(n *html.Node) error {
		if n.Type == html.ElementNode {
			allowed, known := mayStand[n.Data]
			if !known {
				return fmt.Errorf("element <%s>", n.Data)
			}
			for _, a := range n.Attr {
				if !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+a.Key+" ") {
					return fmt.Errorf("attribute %s of <%s>", a.Key, n.Data)
				}
				if err := address(a); err != nil {
					return err
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if err := walk(c); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(doc)
}

func address(a html.Attribute) error {
	switch a.Key {
	case "src":
		if !ourPicture.MatchString(a.Val) {
			return fmt.Errorf("picture from %q", a.Val)
		}
	case "href":
		u, err := url.Parse(a.Val)
		if err != nil {
			return err
		}
		inside := u.Scheme == "" && u.Host == "" && (strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "/en/"))
		if u.Scheme != "https" && u.Scheme != "mailto" && !inside {
			return fmt.Errorf("link to %q", a.Val)
		}
	}
	return nil
}

var hostile = []string{
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "[a](java\tscript:alert(1))", "[a](&#106;avascript:alert(1))",
	"<javascript:alert(1)>", "![x](javascript:alert(1))", "![x](https://evil.test/x.png)", "![x\" onerror=\"alert(1)](/media/00000000000000000000000000000000.png)",
	"[x](https://a.test/\"onclick=\"alert(1))", "[x]: javascript:alert(1)\n\n[x]", "## x {onclick=alert(1)}", "<svg/onload=alert(1)>", "<a href=//evil.test>x</a>",
	"[x](//evil.test)", "[x](/\\evil.test)", "[x](\\\\evil.test)", "[x](#\"><script>alert(1)</script>)", "<style>*{}</style>", "<https://a.test/<script>>",
	"| a |\n|---|\n| <script> |", "`<script>`", "    <script>", "~~~ \"onload=x\n<b>\n~~~", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>]]>", "http://plain.test www.evil.test ftp://x.test",
	"[x](../c/a.md#\"><img src=x>)", "![](x)", "[![x](/media/0.png)](javascript:x)", "[x](https:javascript:alert(1))", "[x](mailto:a@b.test?body=<script>)", "- [ ] task", "x^[note]",
	"[x](data:text/html;base64,PHNjcmlwdD4=)", "<details open ontoggle=alert(1)>", "\x00<scr\x00ipt>", "<base href=//evil.test>", "<meta http-equiv=refresh content=0>", "“<b>”", "[x](https://a.test \"t\" onclick=x)",
}

// Whatever is typed, nothing of it runs or loads in a reader's browser.
func FuzzRender(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Add(strings.Join(hostile, "\n\n"))
	c := open(f, storetest.Open(f))
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 4096 {
			return
		}
		markup, _, err := c.Preview(t.Context(), "en", "c", "", "", body)
		if err != nil {
			t.Fatal(err)
		}
		if err := harmless(markup); err != nil {
			t.Errorf("%v in\n%s\nof\n%q", err, markup, body)
		}
	})
}

// Whatever a folder holds, reading it ends with an answer.
func FuzzImport(f *testing.F) {
	f.Add([]byte("---\ntitle: T\nsummary: s\norder: 1\nupdated: 2026-01-01\n---\nText"), []byte("- slug: c\n  title: {en: C, zh-CN: 分类}\n"))
	f.Add([]byte("---\r\n&a [*a]\r\n---"), []byte("a: &a [*a, *a]\nb: *a"))
	f.Add([]byte("---\n? {a: b}\n: !!binary x\n---\n"), []byte("- &x {slug: *x}"))
	f.Add([]byte("\ufeff---\n<<: {title: x}\n---\n"), []byte("---\n---\n- 1\n- [2]\n"))
	c := open(f, storetest.Open(f))
	f.Fuzz(func(t *testing.T, article, categories []byte) {
		_, err := c.ImportFolder(t.Context(), fstest.MapFS{
			"categories.yaml":    {Data: categories},
			"articles/en/c/a.md": {Data: article},
			"images/x.png":       {Data: article},
		}, helpcenter.ImportOptions{DryRun: true})
		var e *helpcenter.ImportError
		if err != nil && !asImportError(err, &e) {
			t.Errorf("%v", err)
		}
	})
}

// A text made to be slow takes no longer than any other of its length.
func TestNoTextHoldsUpTheServer(t *testing.T) {
	c := open(t, storetest.Open(t))
	for _, unit := range []string{">", "[", "*a_ ", "- ", "`", "![", "<", "|", "~", "(", "[a](", "\\", "&", "1. ", "**", "[x]: a\n", "\"", "a'b ", "## a\n", "|-\n"} {
		body := strings.Repeat(unit, 200_000/len(unit))
		start := time.Now()
		markup, _, err := c.Preview(t.Context(), "en", "c", "", "", body)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("200 KB of %q took %v", unit, took)
		}
		if err := harmless(markup); err != nil {
			t.Errorf("%q: %v", unit, err)
		}
	}
}

// A wide head over many short rows would be a table of millions of cells; an
// honest table of hundreds of rows stays one.
func TestTablesStaySmall(t *testing.T) {
	c := open(t, storetest.Open(t))
	show := func(body string) string {
		markup, _, err := c.Preview(t.Context(), "en", "c", "", "", body)
		if err != nil {
			t.Fatal(err)
		}
		return markup
	}
	wide := strings.Repeat("|a", 10_000) + "\n" + strings.Repeat("|-", 10_000) + "\n" + strings.Repeat("a\n", 90_000)
	many := strings.Repeat(strings.Repeat("|a", 100)+"\n"+strings.Repeat("|-", 100)+"\n"+strings.Repeat("a\n", 150)+"\n", 200)
	nested := strings.Repeat("- |a|b|c|d|e|f|g|h|\n  |-|-|-|-|-|-|-|-|\n", 200) + strings.Repeat("  a\n", 20_000)
	for name, body := range map[string]string{"wide": wide, "many": many, "nested": nested} {
		if got := len(show(body)); got > 4*len(body) {
			t.Errorf("%s: %d bytes are shown as %d", name, len(body), got)
		}
	}
	fees := "| Tier | Maker | Taker | From |\n|---|---|---|---|\n" + strings.Repeat("| 1 - 2 | - | 0.10 - 0.20 | 2026-01-02 |\n| - | - | - | - |\n", 400)
	if got := strings.Count(show(fees+"\nWords.\n\n"+fees), "<tr>"); got != 2*801 {
		t.Errorf("%d rows are shown", got)
	}
	if markup := show(strings.Repeat("## Same\n\n", 3)); !strings.Contains(markup, `id="s-same-3"`) {
		t.Errorf("%s", markup)
	}
}
