package customer_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/customer"
)

// block returns the first code block of docs/embedding.md in a language that
// holds the text.
func block(t *testing.T, language, text string) string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/embedding.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		if strings.Contains(m[1], text) {
			return m[1]
		}
	}
	t.Fatalf("docs/embedding.md has no %s with %q", language, text)
	return ""
}

// The examples are what engineers copy: they must make tokens that work.
func TestTheExamplesOfTheDocumentationWork(t *testing.T) {
	x := newExchange(t)
	der, err := x509.MarshalPKCS8PrivateKey(x.ed)
	if err != nil {
		t.Fatal(err)
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	dir := t.TempDir()
	for _, f := range []struct{ name, text string }{
		{"support_token.mjs", block(t, "js", "supportToken")},
		{"use.mjs", `import { supportToken, publicKeys } from './support_token.mjs';
console.log(JSON.stringify({ token: supportToken({ uid: '88001234', name: '林', email: 'lin@x.example', locale: 'zh-CN' }), keys: publicKeys() }));`},
		{"go.mod", "module example\n\ngo 1.24\n"},
		{"support_token.go", block(t, "go", "SupportToken")},
		{"use.go", `package main

import ("crypto/ed25519"; "crypto/x509"; "encoding/json"; "encoding/pem"; "os")

func main() {
	p, _ := pem.Decode([]byte(os.Getenv("SUPPORT_KEY")))
	key, err := x509.ParsePKCS8PrivateKey(p.Bytes)
	if err != nil { panic(err) }
	token, err := SupportToken(key.(ed25519.PrivateKey), Customer{UID: "88001234", Name: "林", Email: "lin@x.example", Locale: "zh-CN"})
	if err != nil { panic(err) }
	keys, err := PublicKeys(key.(ed25519.PrivateKey))
	if err != nil { panic(err) }
	json.NewEncoder(os.Stdout).Encode(map[string]string{"token": token, "keys": string(keys)})
}`},
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name), []byte(f.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range [][]string{{"node", "use.mjs"}, {"go", "run", "."}} {
		t.Run(command[0], func(t *testing.T) {
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skip(err)
			}
			cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "SUPPORT_KEY="+key, "GOFLAGS=", "GOWORK=off")
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
			}
			var made struct{ Token, Keys string }
			if err := json.Unmarshal(out, &made); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "jwks.json")
			if err := os.WriteFile(path, []byte(made.Keys), 0o600); err != nil {
				t.Fatal(err)
			}
			l := login(t, customer.LoginConfig{JWKSFile: path, Issuer: "https://www.meridian.example", Now: time.Now})
			who, err := l.Verify(t.Context(), made.Token)
			if err != nil || who.UID != "88001234" || *who.Name != "林" || *who.Email != "lin@x.example" || who.Locale != "zh-CN" {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}
