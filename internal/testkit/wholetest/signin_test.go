package wholetest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/veridesk/veridesk/internal/testkit"
	"github.com/veridesk/veridesk/internal/testkit/client"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
	"github.com/veridesk/veridesk/internal/testkit/redistest"
	"github.com/veridesk/veridesk/internal/testkit/s3test"
)

// hearsType reads events until one of a type comes.
func hearsType(ctx context.Context, events <-chan client.Event, typ string) error {
	for {
		select {
		case ev, ok := <-events:
			switch {
			case !ok:
				return errors.New("the connection ended")
			case ev.Type == typ:
				return nil
			}
		case <-ctx.Done():
			return errors.New("no event " + typ)
		}
	}
}

// ends waits until a live connection is closed.
func ends(ctx context.Context, events <-chan client.Event) error {
	for {
		select {
		case _, ok := <-events:
			if !ok {
				return nil
			}
		case <-ctx.Done():
			return errors.New("the live connection goes on")
		}
	}
}

// The demo's customers sign in as an exchange's would: with a token of its
// backend, against the keys that it publishes, in the middle of a chat.
func TestTheDemosCustomersSignIn(t *testing.T) {
	engines(t, func(t *testing.T, options ...testkit.Option) {
		srv := testkit.StartServer(t, append(options, testkit.Demo())...)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		v := visitor(t, srv.URL)
		agent := signIn(t, srv.URL, agentEmail)
		events, err := agent.Listen(ctx)
		if err != nil {
			t.Fatal(err)
		}
		merged, err := v.SignIn(ctx, demoToken(t, srv, "88001234"))
		if err != nil || merged != 1 {
			t.Fatalf("merged %d, %v", merged, err)
		}
		if err := hearsType(ctx, events, "conversation"); err != nil {
			t.Errorf("the console: %v", err)
		}
		if messages, err := v.Messages(ctx); err != nil || len(messages) != 1 {
			t.Errorf("the customer's history: %v, %v", messages, err)
		}
		live, err := v.Listen(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.SignOut(ctx); err != nil {
			t.Fatal(err)
		}
		if err := ends(ctx, live); err != nil {
			t.Error(err)
		}
		if _, err := v.Messages(ctx); !refusedWith(err, http.StatusUnauthorized) {
			t.Errorf("after signing out: %v", err)
		}
	})
}

func demoToken(t *testing.T, srv *testkit.Server, uid string) string {
	t.Helper()
	res, err := http.Post(srv.DemoURL+"/support-token/"+uid, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	token, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("the demo exchange: %s %v", res.Status, err)
	}
	return string(token)
}

func refusedWith(err error, status int) bool {
	var e *client.StatusError
	return errors.As(err, &e) && e.Status == status
}

// Signing in on one node and out on another: the merge is seen live everywhere,
// and who signed out hears nothing more, wherever they are connected.
func TestSigningInAndOutAcrossNodes(t *testing.T) {
	const key = "the key that the exchange and the desk share"
	one := testkit.StartServer(t, testkit.Demo(), testkit.Set("exchange_login.secret", key),
		testkit.Database(pgtest.Start(t)), testkit.Redis(redistest.Private(t).Addr), testkit.S3(s3test.Start(t)))
	two := testkit.StartServer(t, testkit.Beside(one))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(key)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	word, err := jwt.Signed(signer).Claims(map[string]any{
		"sub": "88001234", "aud": "veridesk", "iat": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix(),
	}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	v := visitor(t, one.URL)
	agent := signIn(t, one.URL, agentEmail)
	events, err := agent.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v.Base = two.URL
	if merged, err := v.SignIn(ctx, word); err != nil || merged != 1 {
		t.Fatalf("merged %d, %v", merged, err)
	}
	if err := hearsType(ctx, events, "conversation"); err != nil {
		t.Errorf("an agent on the other node: %v", err)
	}
	v.Base = one.URL
	live, err := v.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v.Base = two.URL
	if err := v.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	if err := ends(ctx, live); err != nil {
		t.Errorf("on the other node: %v", err)
	}
	v.Base = one.URL
	if _, err := v.Messages(ctx); !refusedWith(err, http.StatusUnauthorized) {
		t.Errorf("the token on the other node: %v", err)
	}
}
