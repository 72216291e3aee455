package vault

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func keyText(fill byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, KeySize))
}

func open(t testing.TB, value string) *Vault {
	t.Helper()
	v, err := Open(Source{Value: value})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWrappedSecretsComeBack(t *testing.T) {
	v := open(t, keyText(1))
	for _, secret := range []string{"", "p", strings.Repeat("mail password ", 1000)} {
		wrapped, err := v.Wrap("mail.password", []byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		if len(wrapped) != len(secret)+49 {
			t.Errorf("%d bytes wrapped to %d, want 49 more", len(secret), len(wrapped))
		}
		if secret != "" && len(secret) > 4 && bytes.Contains(wrapped, []byte(secret)) {
			t.Error("the secret is readable in its wrapping")
		}
		got, err := v.Unwrap("mail.password", wrapped)
		if err != nil || string(got) != secret {
			t.Errorf("Unwrap = %q, %v", got, err)
		}
		twin, err := v.Wrap("mail.password", []byte(secret))
		if err != nil || bytes.Equal(twin, wrapped) {
			t.Errorf("two wrappings are alike (%v): equal passwords could be seen in the database", err)
		}
	}
}

// Whoever may write the database must not be able to change a secret or move it to another place unnoticed.
func TestChangedSecretsAreRefused(t *testing.T) {
	v := open(t, keyText(1))
	wrapped, err := v.Wrap("a", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Unwrap("b", wrapped); !errors.Is(err, ErrTampered) {
		t.Errorf("another purpose: %v", err)
	}
	for i := range wrapped {
		bad := bytes.Clone(wrapped)
		bad[i] ^= 1
		if _, err := v.Unwrap("a", bad); !errors.Is(err, ErrTampered) && !errors.Is(err, ErrUnknownKey) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := v.Unwrap("a", wrapped[:i]); !errors.Is(err, ErrTampered) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
}

func TestRotationKeepsOldSecretsReadable(t *testing.T) {
	old := open(t, keyText(1))
	wrapped, err := old.Wrap("p", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	signature := old.Sign("token", []byte("msg"))

	rotated := open(t, keyText(2)+"\n# the key before\n"+keyText(1)+"\n")
	got, err := rotated.Unwrap("p", wrapped)
	if err != nil || string(got) != "secret" {
		t.Fatalf("Unwrap with the older key = %q, %v", got, err)
	}
	if !rotated.Stale(wrapped) || old.Stale(wrapped) {
		t.Error("Stale does not tell old from new")
	}
	if !rotated.Verify("token", []byte("msg"), signature) {
		t.Error("a token of the older key is refused: everybody would be signed out")
	}
	if !rotated.Holds(old.KeyID()) || rotated.KeyID() == old.KeyID() || old.Holds(rotated.KeyID()) || old.Holds("xx") {
		t.Error("Holds or KeyID is wrong")
	}
	if _, err := open(t, keyText(3)).Unwrap("p", wrapped); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a strange key gives %v, want ErrUnknownKey", err)
	}
}

func TestDerivedKeysDifferByUseAndPurpose(t *testing.T) {
	v := open(t, keyText(1))
	seen := map[string]string{}
	for name, key := range map[string][]byte{
		"derive a": v.Derive("a", 32), "derive b": v.Derive("b", 32), "sign a": v.Sign("a", nil), "sign b": v.Sign("b", nil),
		"other master": open(t, keyText(2)).Derive("a", 32),
	} {
		if other, twice := seen[string(key)]; twice {
			t.Errorf("%s and %s are the same key", name, other)
		}
		seen[string(key)] = name
	}
	if !bytes.Equal(v.Derive("a", 32), open(t, keyText(1)).Derive("a", 32)) {
		t.Error("Derive is not repeatable: sessions would end at every restart")
	}
	if v.Verify("a", []byte("x"), v.Sign("b", []byte("x"))) || v.Verify("a", []byte("x"), nil) {
		t.Error("a signature of another purpose is accepted")
	}
}

func TestKeyFileIsCreatedOnceAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := Open(Source{File: path}); !errors.Is(err, ErrNoKey) || !strings.Contains(err.Error(), path) {
		t.Fatalf("a missing file gives %v, want ErrNoKey with the path", err)
	}
	// Several processes starting at once must agree on one key, or half of the stored secrets are lost.
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			v, err := Open(Source{File: path, Create: true})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = v.KeyID()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("the processes have different keys: %v", ids)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o, want 0600", info.Mode().Perm())
	}
	if names, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".master-key-*")); err != nil || len(names) != 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
	again, err := Open(Source{File: path})
	if err != nil || again.KeyID() != ids[0] || again.Warnings() != nil {
		t.Errorf("reopened: %v, %v, %v", again, err, again.Warnings())
	}
}

func TestReadableKeyFileIsWarnedAbout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte(keyText(1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	v, err := Open(Source{File: path})
	if err != nil {
		t.Fatal(err)
	}
	if w := v.Warnings(); len(w) != 1 || !strings.Contains(w[0], "chmod 600 "+path) {
		t.Errorf("Warnings = %q", w)
	}
}

func TestBadKeysAreExplainedAndNotQuoted(t *testing.T) {
	short := base64.StdEncoding.EncodeToString([]byte("only sixteen byt"))
	cases := []struct {
		name, value string
		want        error
		says        string
	}{
		{"short", short, ErrBadKey, "16 bytes, want 32"},
		{"not base64", "hunter2 hunter2!", ErrBadKey, "not base64"},
		{"second line", keyText(1) + "\nhunter2!", ErrBadKey, "line 2"},
		{"twice", keyText(1) + "," + keyText(1), ErrBadKey, "twice"},
		{"only a comment", "# nothing", ErrNoKey, "empty"},
	}
	for _, c := range cases {
		_, err := Open(Source{Value: c.value})
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v saying %q", c.name, err, c.want, c.says)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), short)) {
			t.Errorf("%s: the error shows the key: %v", c.name, err)
		}
	}
	if _, err := Open(Source{}); !errors.Is(err, ErrNoKey) {
		t.Errorf("no source: %v", err)
	}
	if _, err := Open(Source{File: t.TempDir()}); !errors.Is(err, ErrReadKey) {
		t.Errorf("a folder as key file: %v", err)
	}
	if _, err := Open(Source{File: filepath.Join(t.TempDir(), "no", "key"), Create: true}); !errors.Is(err, ErrWriteKey) {
		t.Errorf("no folder to write to: %v", err)
	}
}

func TestKeysInAnyBase64(t *testing.T) {
	key := bytes.Repeat([]byte{0xfb, 0xff}, 16)
	want := ""
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		v := open(t, "  "+enc.EncodeToString(key)+" \n")
		if want == "" {
			want = v.KeyID()
		}
		if v.KeyID() != want {
			t.Errorf("another alphabet gives another key")
		}
	}
}

func TestVaultDoesNotPrintItsKeys(t *testing.T) {
	v := open(t, keyText(65)) // "AAAA…"
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		if out := fmt.Sprintf(verb, v); strings.Contains(out, "65 65") || strings.Contains(out, "AAAA") {
			t.Errorf("%s prints the key: %s", verb, out)
		}
	}
}

func TestNoRandomnessIsAnError(t *testing.T) {
	v, err := Open(Source{Value: keyText(1), Rand: bytes.NewReader(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Wrap("p", []byte("x")); err == nil {
		t.Error("wrapped without randomness")
	}
}

func FuzzUnwrap(f *testing.F) {
	v := open(f, keyText(1))
	good, err := v.Wrap("p", []byte("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{})
	f.Add(make([]byte, 49))
	f.Fuzz(func(t *testing.T, wrapped []byte) {
		if plain, err := v.Unwrap("p", wrapped); err == nil && !bytes.Equal(wrapped, good) {
			t.Fatalf("forged %x unwraps to %q", wrapped, plain)
		}
	})
}
