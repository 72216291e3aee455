package staff

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/vault"
)

func node(t *testing.T, s *store.Store, cost Cost) *Staff {
	t.Helper()
	v, err := vault.Open(vault.Source{Value: base64.StdEncoding.EncodeToString(make([]byte, vault.KeySize))})
	if err != nil {
		t.Fatal(err)
	}
	st, err := New(Config{
		Store: s, Vault: v, PublicURL: "https://help.meridian.example", PasswordCost: cost,
		EnqueueMail: func(*store.Tx, string, string, string, map[string]string) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Two nodes share a database: what one ends, the other believes for ten seconds
// at most.
func TestOtherNodesNoticeWithinTenSeconds(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := storetest.OpenConfig(t, store.Config{URL: storetest.SQLiteURL(t), Now: func() time.Time { return now }})
	here, there := node(t, s, cheap), node(t, s, cheap)
	ctx := context.Background()
	if _, err := here.Provision(ctx, NewAgent{Email: "ann@meridian.example", Name: "Ann", Password: "harbour violet tundra", Role: desk.AgentRole}); err != nil {
		t.Fatal(err)
	}
	in, err := here.SignIn(ctx, "ann@meridian.example", "harbour violet tundra", Client{IP: "203.0.113.5"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	session, err := there.Session(ctx, in.Token, Client{IP: "203.0.113.5"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := here.Session(ctx, in.Token, Client{}); err != nil {
		t.Fatal(err)
	}
	if err := here.SignOut(ctx, session); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Session(ctx, in.Token, Client{}); desk.CodeOf(err) != desk.Unauthorized {
		t.Errorf("here it must be over at once: %v", err)
	}
	now = now.Add(cacheFor)
	if _, err := there.Session(ctx, in.Token, Client{}); desk.CodeOf(err) != desk.Unauthorized {
		t.Errorf("there it must be over after %s: %v", cacheFor, err)
	}
}

// The lookup that was under way while a session was revoked must not bring it
// back into the cache.
func TestRevocationBeatsALookupUnderWay(t *testing.T) {
	var c sessionCache
	now := time.Now()
	_, generation := c.get("h", now)
	c.forget(func(*Session) bool { return true }) // revoked meanwhile
	c.put("h", Session{ID: 1, Agent: &desk.Agent{ID: 2}}, now, generation)
	if s, _ := c.get("h", now); s != nil {
		t.Error("a revoked session is believed")
	}
	_, generation = c.get("h", now)
	c.put("h", Session{ID: 1, Agent: &desk.Agent{ID: 2}}, now, generation)
	if s, _ := c.get("h", now); s == nil {
		t.Error("a good session is not remembered")
	}
	if s, _ := c.get("h", now.Add(-time.Hour)); s != nil {
		t.Error("a clock that was set back makes the cache believe for an hour")
	}
}

func TestHashesOfAnEarlierCostAreRenewed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		a, err := node(t, s, cheap).Provision(ctx, NewAgent{Email: "ann@meridian.example", Name: "Ann", Password: "harbour violet tundra", Role: desk.AgentRole})
		if err != nil {
			t.Fatal(err)
		}
		later := node(t, s, Cost{MemoryKiB: 128, Passes: 1, Lanes: 1})
		for range 2 {
			if _, err := later.SignIn(ctx, "ann@meridian.example", "harbour violet tundra", Client{}, nil); err != nil {
				t.Fatal(err)
			}
			secrets, err := s.Read(ctx).AgentSecrets(a.ID)
			if err != nil || !strings.HasPrefix(secrets.PasswordHash, "$argon2id$v=19$m=128,t=1,p=1$") {
				t.Fatalf("%.30s (%v)", secrets.PasswordHash, err)
			}
		}
	})
}

// TOTP secrets in a stolen database must be worthless without the key.
func TestOneTimeCodeSecretsAreWrapped(t *testing.T) {
	s := storetest.Open(t)
	st := node(t, s, cheap)
	ctx := context.Background()
	a, err := st.Provision(ctx, NewAgent{Email: "ann@meridian.example", Name: "Ann", Password: "harbour violet tundra", Role: desk.AgentRole})
	if err != nil {
		t.Fatal(err)
	}
	setup, err := st.BeginTOTP(ctx, &Session{Agent: a})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := s.Read(ctx).AgentSecrets(a.ID)
	if err != nil || len(secrets.TOTPSecret) == 0 || strings.Contains(string(secrets.TOTPSecret), setup.Secret) {
		t.Errorf("stored as %q (%v)", secrets.TOTPSecret, err)
	}
	// A row copied to another agent opens nothing.
	if _, err := st.cfg.Vault.Unwrap(totpPurpose(a.ID+1), secrets.TOTPSecret); err == nil {
		t.Error("the secret is not bound to its agent")
	}
}

func TestPasskeysNeedAHostName(t *testing.T) {
	s := storetest.Open(t)
	v, err := vault.Open(vault.Source{Value: base64.StdEncoding.EncodeToString(make([]byte, vault.KeySize))})
	if err != nil {
		t.Fatal(err)
	}
	st, err := New(Config{
		Store: s, Vault: v, PublicURL: "http://192.0.2.1:8080", PasswordCost: cheap,
		EnqueueMail: func(*store.Tx, string, string, string, map[string]string) error { return nil },
	})
	if err != nil {
		t.Fatal("everything else must work on a bare address:", err)
	}
	if _, err := st.BeginPasskeySignIn(context.Background(), Client{}); desk.CodeOf(err) != desk.Unavailable {
		t.Error(err)
	}
}
