package wholetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/veridesk/veridesk/internal/testkit"
	"github.com/veridesk/veridesk/internal/testkit/client"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
	"github.com/veridesk/veridesk/internal/testkit/redistest"
	"github.com/veridesk/veridesk/internal/testkit/s3test"
)

func twoNodes(t *testing.T) (one, two *testkit.Server, database string) {
	t.Helper()
	database = pgtest.Start(t)
	one = testkit.StartServer(t, testkit.Demo(), testkit.Database(database), testkit.Redis(redistest.Private(t).Addr), testkit.S3(s3test.Start(t)))
	two = testkit.StartServer(t, testkit.Beside(one))
	return one, two, database
}

// hears reads events until every wanted client id has arrived.
func hears(ctx context.Context, events <-chan client.Event, want ...string) error {
	missing := map[string]bool{}
	for _, id := range want {
		missing[id] = true
	}
	for len(missing) > 0 {
		select {
		case ev, ok := <-events:
			if !ok {
				return errors.New("the connection ended")
			}
			delete(missing, ev.Message.ClientID)
		case <-ctx.Done():
			return fmt.Errorf("%d of %d messages did not arrive live", len(missing), len(want))
		}
	}
	return nil
}

// A customer on one node and an agent on the other must talk as if there were
// one: live, both ways, with the right presence.
func TestTwoNodesAreOneDesk(t *testing.T) {
	one, two, database := twoNodes(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	v := visitor(t, one.URL)
	agent := signIn(t, two.URL, agentEmail)
	agentHears, err := agent.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	vctx, leave := context.WithCancel(ctx)
	visitorHears, err := v.Listen(vctx)
	if err != nil {
		t.Fatal(err)
	}
	online := func(want bool) func() error {
		return func() error {
			got, err := agent.ContactOnline(ctx, v.Conversation)
			if err == nil && got != want {
				err = fmt.Errorf("online is %v", got)
			}
			return err
		}
	}
	eventually(t, 5*time.Second, "the contact is seen online from the other node", online(true))
	var asked, answered []string
	for i := range 100 {
		m, err := v.Send(ctx, client.NewID(), fmt.Sprint("question ", i))
		if err != nil {
			t.Fatal(err)
		}
		r, err := agent.Reply(ctx, v.Conversation, client.NewID(), fmt.Sprint("answer ", i))
		if err != nil {
			t.Fatal(err)
		}
		asked, answered = append(asked, m.ClientID), append(answered, r.ClientID)
	}
	if err := hears(ctx, agentHears, asked...); err != nil {
		t.Errorf("the agent: %v", err)
	}
	if err := hears(ctx, visitorHears, answered...); err != nil {
		t.Errorf("the customer: %v", err)
	}
	leave()
	eventually(t, 10*time.Second, "the contact is seen offline after leaving", online(false))
	jobsRunOnce(t, one, two, database)
}

// jobsRunOnce lets both nodes enqueue mails and counts what came of them.
func jobsRunOnce(t *testing.T, one, two *testkit.Server, database string) {
	t.Helper()
	const mails = 40
	admin := signIn(t, one.URL, adminEmail)
	other, err := admin.On(two.URL)
	if err != nil {
		t.Fatal(err)
	}
	for i := range mails {
		a := admin
		if i%2 == 1 {
			a = other
		}
		if err := a.Call(t.Context(), "POST", "/staff/invitations", map[string]any{
			"email": fmt.Sprintf("new%d@meridian.example", i), "role": "agent", "teams": []string{}, "locale": "en",
		}, nil); err != nil {
			t.Fatal(err)
		}
	}
	db, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background()) //nolint:errcheck // read only
	var sent, people int
	count := func() error {
		if err := db.QueryRow(t.Context(), `SELECT COUNT(*), COUNT(DISTINCT recipient) FROM mail_preview`).Scan(&sent, &people); err != nil {
			return err
		}
		if people < mails {
			return fmt.Errorf("%d of %d mails", people, mails)
		}
		return nil
	}
	eventually(t, 20*time.Second, "the mails are sent", count)
	time.Sleep(1500 * time.Millisecond) // a second run of a job would show by now
	if err := count(); err != nil || sent != mails {
		t.Errorf("%d mails for %d people, %v: each job must take effect once", sent, people, err)
	}
}

// When a node dies under load its people must carry on at the other within five
// seconds, and nothing that was acknowledged may be missing.
func TestNodeDiesUnderLoad(t *testing.T) {
	one, two, _ := twoNodes(t)
	senders := newSenders(t, 20, one.URL, two.URL)
	agent := signIn(t, two.URL, agentEmail)
	hearing, err := agent.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		crowd(ctx, senders)
	}()
	time.Sleep(2 * time.Second)
	if err := one.Kill(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(6 * time.Second)
	stop()
	<-done
	for _, s := range senders {
		s.Base = two.URL
	}
	acked := checkKept(t, senders)
	for i, s := range senders {
		if s.gap > 5*time.Second || time.Since(s.last) > 5*time.Second {
			t.Errorf("sender %d stood still for %v", i, s.gap)
		}
	}
	select {
	case _, ok := <-hearing:
		if !ok {
			t.Error("the agent's connection to the living node was lost")
		}
	default:
		t.Error("the agent heard nothing")
	}
	t.Logf("%d acknowledged messages, all kept", acked)
}
