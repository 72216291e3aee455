package guard

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// testKey is made from a fixed seed, so that no private key lies in the repository.
func testKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
}

func pkcs8PEM(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(testKey())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func opensshPEM(t testing.TB) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(testKey(), "ops@meridian.example")
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

func armour(kind, headers string) string {
	body := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1, 2, 3, 250}, 60))
	var lines strings.Builder
	for len(body) > 64 {
		lines.WriteString(body[:64] + "\n")
		body = body[64:]
	}
	return "-----BEGIN " + kind + "-----\n" + headers + lines.String() + body + "\n-----END " + kind + "-----"
}

// A private key that gets through lets anybody who reads the ticket sign in or sign withdrawals.
func TestPrivateKeysInArmour(t *testing.T) {
	p8, openssh := pkcs8PEM(t), opensshPEM(t)
	bareSSH := strings.TrimSpace(strings.NewReplacer(
		"-----BEGIN OPENSSH PRIVATE KEY-----\n", "", "-----END OPENSSH PRIVATE KEY-----\n", "").Replace(openssh))
	putty := "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 2\n" +
		strings.Repeat("A", 64) + "\n" + strings.Repeat("B", 20) + "\nPrivate-Lines: 1\n" + strings.Repeat("Cd", 24) +
		"\nPrivate-MAC: " + strings.Repeat("0f", 32)
	cases := []struct{ name, text string }{
		{"PKCS 8", p8},
		{"OpenSSH", openssh},
		{"OpenSSH body without armour", bareSSH},
		{"RSA, encrypted", armour("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,DE33D61EAC7FC20F\n\n")},
		{"EC", armour("EC PRIVATE KEY", "")},
		{"PKCS 8, encrypted", armour("ENCRYPTED PRIVATE KEY", "")},
		{"PGP", armour("PGP PRIVATE KEY BLOCK", "Version: 1\n\n")},
		{"SSH2", armour("SSH2 ENCRYPTED PRIVATE KEY", "Comment: \"x\"\n")},
		{"PuTTY", putty},
		{"one line", strings.ReplaceAll(p8, "\n", " ")},
		{"JSON", `{"key":"` + strings.ReplaceAll(openssh, "\n", `\n`) + `"}`},
		{"CRLF", strings.ReplaceAll(openssh, "\n", "\r\n")},
		{"mail quote", "> " + strings.ReplaceAll(openssh, "\n", "\n> ")},
		{"indented", "   " + strings.ReplaceAll(openssh, "\n", "\n   ")},
		{"END missing", openssh[:len(openssh)-40]},
		{"phone dashes", strings.ReplaceAll(p8, "-----", "——–")},
		{"lower case armour", strings.ReplaceAll(p8, "PRIVATE KEY", "private key")},
		{"two keys", p8 + "and\n" + openssh},
	}
	for _, c := range cases {
		text := "here is my key " + c.text + "\nthanks for your help"
		found := Scan(text)
		if len(found) == 0 {
			t.Errorf("%s: nothing found in %q", c.name, text)
			continue
		}
		for _, f := range found {
			if f.Kind != KindPEM || f.Certainty != Certain || f.Words != 0 {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
		redacted := Redact(text, found, "en")
		for _, word := range strings.Fields(redacted) {
			if len(word) > 30 {
				t.Errorf("%s: %q is left of the key", c.name, word)
			}
		}
		if !strings.HasPrefix(redacted, "here is my key") || !strings.HasSuffix(redacted, "thanks for your help") {
			t.Errorf("%s: the message around it was lost: %q", c.name, redacted)
		}
		if again := Scan(redacted); len(again) != 0 {
			t.Errorf("%s: redacted text still has %+v", c.name, again)
		}
	}
}

// Questions about keys, and public keys, must go through.
func TestTalkAboutKeysIsLeftAlone(t *testing.T) {
	texts := []string{
		"Does the file begin with -----BEGIN PRIVATE KEY----- or with -----BEGIN RSA PRIVATE KEY-----?",
		"-----BEGIN PRIVATE KEY-----\n(removed)\n-----END PRIVATE KEY-----",
		"-----BEGIN PRIVATE KEY-----\nplease see 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
		armour("PUBLIC KEY", ""),
		armour("CERTIFICATE", ""),
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHHYEyNKw9k/pqmrPSVwa2/swq6DXUwCfqLDdLhl test",
		"my private key was stolen, what should I do about the private key?",
		"private key 私钥",
		"b3BlbnNzaC1rZXktdjEA is what they all begin with",
		"PuTTY-User-Key-File-3 is the format. Private-Lines: 3",
		"[removed: private key]",
		"[已移除：私钥]",
	}
	for _, text := range texts {
		if found := Scan(text); len(found) != 0 {
			t.Errorf("Scan(%q) = %+v, want nothing", text, found)
		}
	}
}

func TestKeyAndPhraseInOneMessage(t *testing.T) {
	text := "1) " + abandonAbout + "\n2) " + pkcs8PEM(t)
	found := Scan(text)
	if len(found) != 2 || found[0].Kind != KindBIP39 || found[1].Kind != KindPEM {
		t.Fatalf("Scan = %+v", found)
	}
	if got := Redact(text, found, "zh-CN"); got != "1) [已移除：助记词，12 个词]\n2) [已移除：私钥]\n" {
		t.Errorf("Redact = %q", got)
	}
}

func TestOverlappingFindingsAreJoined(t *testing.T) {
	got := disjoint([]Finding{
		{Kind: "b", Start: 5, End: 9, Certainty: Probable},
		{Kind: "a", Start: 0, End: 6, Certainty: Certain},
		{Kind: "c", Start: 8, End: 30, Certainty: Certain},
		{Kind: "d", Start: 30, End: 31, Certainty: Certain},
	})
	if len(got) != 2 || got[0].Kind != "c" || got[0].Start != 0 || got[0].End != 30 || got[1].Kind != "d" {
		t.Errorf("disjoint = %+v", got)
	}
}
