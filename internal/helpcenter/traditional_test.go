package helpcenter_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Commands and addresses that a reader copies stay as they are.
func TestTraditionalMarkdownKeepsCodeAndAddresses(t *testing.T) {
	in := "## 软件登录\n\n检查 `软件` 与[账户](https://a.example/软件?q=账户)，见[标题](#s-软件登录)和[另一篇](../c/x.md#s-软件)。\n\n" +
		"```\n软件 账户\n```\n\n    软件缩进\n\n![软件界面](../../../images/软件.png)\n\nhttps://b.example/软件 账户\n\n[x]: https://c.example/软件\n"
	want := "## 軟體登入\n\n檢查 `软件` 與[帳戶](https://a.example/软件?q=账户)，見[標題](#s-軟體登入)和[另一篇](../c/x.md#s-軟體)。\n\n" +
		"```\n软件 账户\n```\n\n    软件缩进\n\n![軟體介面](../../../images/软件.png)\n\nhttps://b.example/软件 帳戶\n\n[x]: https://c.example/软件\n"
	if got := helpcenter.TraditionalMarkdown(in); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A picture keeps its bytes when there is nothing in it but pixels, and loses
// what a camera wrote into it.
func TestPicturesOfAFolder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := open(t, s)
		clean := pngOf(6, 4, 3)
		text := []byte("\x00\x00\x00\x0ctEXtGPS\x001.234567")
		sum := make([]byte, 4)
		binary.BigEndian.PutUint32(sum, crc32.ChecksumIEEE(text[4:]))
		tagged := bytes.Join([][]byte{clean[:33], text, sum, clean[33:]}, nil)
		in := tree(map[string]string{
			"articles/en/security/only-en.md": matter("Only English") + "![Clean](../../../images/clean.png)\n\n![Tagged](../../../images/tagged.png)\n\n![Both](../../../images/copy.png)\n",
			"images/clean.png":                string(clean),
			"images/tagged.png":               string(tagged),
			"images/copy.png":                 string(clean),
			"images/photo.jpg":                string(jpegOf(9, 9)),
		})
		imported(t, c, in)
		out := exported(t, c)
		if !bytes.Equal(out["images/clean.png"].Data, clean) || !bytes.Equal(out["images/copy.png"].Data, clean) || !bytes.Equal(out["images/photo.jpg"].Data, in["images/photo.jpg"].Data) {
			t.Error("a clean picture was changed")
		}
		if bytes.Contains(out["images/tagged.png"].Data, []byte("GPS")) {
			t.Error("the place is still in the picture")
		}
		a, _ := c.Snapshot().Article("en", "only-en")
		html := string(a.HTML())
		if strings.Count(html, `width="6" height="4" loading="lazy" decoding="async"`) != 3 || !strings.Contains(html, `alt="Clean"`) {
			t.Errorf("%s", html)
		}
		if err := harmless(html); err != nil {
			t.Error(err)
		}
		name := html[strings.Index(html, "/media/")+len("/media/"):]
		name = name[:strings.IndexByte(name, '"')]
		r, m, err := c.OpenMedia(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil || int64(len(data)) != m.Bytes || r.Close() != nil {
			t.Errorf("%d bytes of %d, %v", len(data), m.Bytes, err)
		}
		for _, bad := range []string{"x", "../" + name, strings.Repeat("0", 32) + ".png", ""} {
			if _, _, err := c.OpenMedia(t.Context(), bad); desk.CodeOf(err) != desk.NotFound {
				t.Errorf("%q: %v", bad, err)
			}
		}
		// A picture that changes under its path changes for the readers.
		in["images/clean.png"] = &fstest.MapFile{Data: pngOf(7, 7, 1)}
		imported(t, c, in)
		if a, _ := c.Snapshot().Article("en", "only-en"); !strings.Contains(string(a.HTML()), `width="7"`) {
			t.Error("the old picture is still shown")
		}
	})
}

// Related articles are of the same trouble first, and never the article itself.
func TestRelated(t *testing.T) {
	c := open(t, storetest.Open(t))
	imported(t, c, tree(map[string]string{
		"articles/en/security/deposit-scam.md":    matter("Deposit scam", "scenarios: [suspected_theft]\n") + "x\n",
		"articles/en/deposits/deposit-minimum.md": matter("Smallest deposit", "scenarios: [transfer_trouble]\n") + "x\n",
	}))
	a, _ := c.Snapshot().Article("en", "late-deposit")
	var slugs []string
	for _, r := range a.Related(5) {
		slugs = append(slugs, r.Slug)
	}
	if strings.Join(slugs, " ") != "deposit-minimum deposit-scam" {
		t.Errorf("related: %v", slugs)
	}
	if len(a.Related(1)) != 1 {
		t.Error("more than was asked for")
	}
}
