package customer_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/vault"
)

const shared = "a key that the exchange and the desk share"

// node is a running desk as far as this package is concerned.
type node struct {
	*testing.T
	store    *store.Store
	visitors *customer.Visitors

	mu     sync.Mutex
	now    time.Time
	merged []customer.Merged
	ended  []string
}

func (n *node) clock() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

func (n *node) advance(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.now = n.now.Add(d)
}

func testVault(t *testing.T) *vault.Vault {
	t.Helper()
	v, err := vault.Open(vault.Source{Value: base64.StdEncoding.EncodeToString(make([]byte, vault.KeySize))})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newNode(t *testing.T, url string) *node {
	t.Helper()
	n := &node{T: t, now: noon}
	n.store = storetest.OpenConfig(t, store.Config{URL: url, Now: n.clock})
	n.visitors = customer.New(customer.Config{
		Store: n.store, Vault: testVault(t), Login: login(t, customer.LoginConfig{Secret: shared, Now: n.clock}),
		Merged: func(m customer.Merged) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.merged = append(n.merged, m)
		},
		Ended: func(_ desk.ID, hash string) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.ended = append(n.ended, hash)
		},
	})
	return n
}

func eachNode(t *testing.T, test func(n *node)) {
	t.Helper()
	storetest.EachURL(t, true, func(t *testing.T, url string) { test(newNode(t, url)) })
}

// word is the exchange's about a customer.
func (n *node) word(uid string, more map[string]any) string {
	n.Helper()
	c := map[string]any{"sub": uid, "aud": "veridesk", "iat": n.clock().Unix(), "exp": n.clock().Add(5 * time.Minute).Unix()}
	for k, v := range more {
		c[k] = v
	}
	return sign(n, jose.HS256, []byte(shared), nil, c)
}

func (n *node) begin(b customer.Beginning) customer.Session {
	n.Helper()
	if b.Locale == "" {
		b.Locale = "en"
	}
	s, err := n.visitors.Begin(n.Context(), b)
	if err != nil {
		n.Fatal(err)
	}
	return s
}

// say stores a message as the inbox does: into a conversation, or as the first
// of a new one.
func (n *node) say(contact, conversation desk.ID, clientID string) (desk.ID, error) {
	n.Helper()
	key := store.ChatKeyPrefix(contact) + clientID
	err := n.store.Write(n.Context(), func(tx *store.Tx) error {
		if conversation == 0 {
			c := &desk.Conversation{Channel: desk.Chat, ContactID: contact, Status: desk.Open, Locale: "en", Priority: desk.Normal}
			if err := tx.InsertConversation(c, key, ""); err != nil {
				return err
			}
			conversation = c.ID
		}
		m := &desk.Message{ConversationID: conversation, ClientID: clientID, DedupeKey: key, AuthorKind: desk.ByContact, AuthorID: contact, Visibility: desk.Public, Body: clientID}
		return tx.AppendMessage(m, new(desk.Conversation), -1)
	})
	return conversation, err
}

func (n *node) must(contact, conversation desk.ID, clientID string) desk.ID {
	n.Helper()
	id, err := n.say(contact, conversation, clientID)
	if err != nil {
		n.Fatalf("%s: %v", clientID, err)
	}
	return id
}

func (n *node) texts(contact, conversation desk.ID) []string {
	n.Helper()
	q := n.store.Read(n.Context())
	if _, err := q.ConversationOf(contact, conversation); err != nil {
		return []string{string(desk.CodeOf(err))}
	}
	list, _, err := q.Messages(conversation, store.MessageRange{Ascending: true, Limit: 500})
	if err != nil {
		n.Fatal(err)
	}
	var out []string
	for _, m := range list {
		if m.Event != nil {
			out = append(out, m.Event.Type+" "+m.Event.To)
			continue
		}
		if m.AuthorID != contact {
			n.Errorf("%q is by %s, not by %s", m.Body, m.AuthorID, contact)
		}
		out = append(out, m.Body)
	}
	return out
}

// A visitor is recognised as long as they come back within the life of a token.
func TestVisitorsKeepTheirTokenByComingBack(t *testing.T) {
	eachNode(t, func(n *node) {
		first := n.begin(customer.Beginning{Locale: "zh-CN", Region: "SG"})
		if first.Contact.Kind != customer.KindVisitor || first.Contact.Region != "SG" || first.ExpiresAt != desk.MicrosOf(noon.Add(customer.TokenLife)) {
			t.Errorf("%+v", first)
		}
		n.advance(customer.TokenLife)
		again := n.begin(customer.Beginning{Token: first.Token})
		if again.Contact.ID != first.Contact.ID || again.Token == first.Token || again.Contact.Locale != "en" {
			t.Errorf("%+v", again)
		}
		n.advance(time.Second)
		if _, err := n.visitors.ContactOf(first.Token); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("the old token after its life: %v", err)
		}
		for name, token := range map[string]string{
			"none": "", "cut": again.Token[:len(again.Token)-1], "changed": again.Token[:30] + map[bool]string{true: "B", false: "A"}[again.Token[30] == 'A'] + again.Token[31:], "of a customer": "cst_" + again.Token[4:], "longer": again.Token + "A",
		} {
			if s := n.begin(customer.Beginning{Token: token}); s.Contact.ID == first.Contact.ID {
				t.Errorf("a token that is %s was taken for good", name)
			}
		}
	})
}

// Somebody who names an entity that is not there must not open teams or articles
// to themselves by it.
func TestAVisitorsEntityMustExist(t *testing.T) {
	eachNode(t, func(n *node) {
		err := n.store.Write(t.Context(), func(tx *store.Tx) error { return tx.PutEntity(store.Entity{Code: "meridian-eu", Name: "EU"}) })
		if err != nil {
			t.Fatal(err)
		}
		for given, want := range map[string]string{"meridian-eu": "meridian-eu", "nowhere": "", "": ""} {
			if s := n.begin(customer.Beginning{Entity: given}); s.Contact.Entity != want {
				t.Errorf("%q became %q", given, s.Contact.Entity)
			}
			if s := n.begin(customer.Beginning{JWT: n.word("uid-"+given, map[string]any{"entity": given})}); s.Contact.Entity != want {
				t.Errorf("%q of the exchange became %q", given, s.Contact.Entity)
			}
		}
	})
}

func TestCustomersAreWhoTheExchangeSays(t *testing.T) {
	eachNode(t, func(n *node) {
		s := n.begin(customer.Beginning{JWT: n.word("88001234", map[string]any{"name": "Lin", "email": "lin@x.example", "tier": "VIP 1", "locale": "zh-TW", "region": "TW"})})
		if c := s.Contact; c.Kind != customer.KindCustomer || c.UID != "88001234" || c.Name != "Lin" || c.Email != "lin@x.example" || c.Tier != "VIP 1" || c.Region != "TW" || c.Locale != "zh-CN" {
			t.Errorf("%+v", c)
		}
		if s.ExpiresAt != desk.MicrosOf(noon.Add(customer.CustomerLife)) || !strings.HasPrefix(s.Token, "cst_") || !n.visitors.Until(s.Token).Equal(noon.Add(customer.CustomerLife)) {
			t.Errorf("%+v", s)
		}
		other := n.begin(customer.Beginning{JWT: n.word("88001234", map[string]any{"tier": "VIP 2", "email": ""})})
		if other.Contact.ID != s.Contact.ID || other.Token == s.Token || other.Contact.Tier != "VIP 2" || other.Contact.Name != "Lin" || other.Contact.Email != "" {
			t.Errorf("the second device: %+v %+v", other, other.Contact)
		}
		n.advance(time.Hour)
		if kept := n.begin(customer.Beginning{Token: s.Token}); kept.Token != s.Token || kept.ExpiresAt != s.ExpiresAt || kept.Contact.ID != s.Contact.ID {
			t.Errorf("coming back must neither renew nor lose the session: %+v", kept)
		}
		n.advance(customer.CustomerLife)
		if _, err := n.visitors.ContactOf(s.Token); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("after twelve hours: %v", err)
		}
		if after := n.begin(customer.Beginning{Token: s.Token}); after.Contact.Kind != customer.KindVisitor {
			t.Errorf("an expired customer came back as %+v", after.Contact)
		}
		if _, err := n.visitors.Begin(t.Context(), customer.Beginning{Token: s.Token, JWT: "a.b.c", Locale: "en"}); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("a bad word of the exchange: %v", err)
		}
	})
}

// Nobody signs in where the desk has no keys, whatever the token.
func TestWithoutKeysNobodySignsIn(t *testing.T) {
	v := customer.NewVisitors(storetest.Open(t), testVault(t))
	_, err := v.Begin(t.Context(), customer.Beginning{JWT: newExchange(t).token(nil)})
	if desk.CodeOf(err) != desk.Unauthorized || v.CanSignIn() {
		t.Error(err)
	}
}

// Two devices that sign in at one instant must not make two customers of one:
// each would see half of the history.
func TestOneCustomerPerUIDHoweverManySignIn(t *testing.T) {
	eachNode(t, func(n *node) {
		word := n.word("88001234", nil)
		var group sync.WaitGroup
		ids := make([]desk.ID, 20)
		for i := range ids {
			group.Go(func() {
				s, err := n.visitors.Begin(t.Context(), customer.Beginning{JWT: word, Locale: "en"})
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = s.Contact.ID
			})
		}
		group.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("customers %v", ids)
			}
		}
	})
}

// Signing in mid-chat takes the conversation along; what was the visitor's is
// nobody's afterwards.
func TestSigningInMergesTheVisitor(t *testing.T) {
	eachNode(t, func(n *node) {
		visitor := n.begin(customer.Beginning{})
		chat := n.must(visitor.Contact.ID, 0, "device-0001")
		n.must(visitor.Contact.ID, chat, "device-0002")
		second := n.must(visitor.Contact.ID, 0, "device-0003")
		s := n.begin(customer.Beginning{Token: visitor.Token, JWT: n.word("88001234", nil)})
		me := s.Contact.ID
		if s.Merged != 2 || len(n.merged) != 2 || n.merged[0].From != visitor.Contact.ID || n.merged[0].Conversation.ContactID != me ||
			n.merged[0].Conversation.Contact.UID != "88001234" || n.merged[0].Note.Seq != n.merged[0].Conversation.Seq || n.merged[0].Note.Visibility != desk.Note {
			t.Errorf("%+v %+v", s, n.merged)
		}
		if got := fmt.Sprint(n.texts(me, chat), n.texts(me, second)); got != "[device-0001 device-0002 signed_in 88001234] [device-0003 signed_in 88001234]" {
			t.Error(got)
		}
		for _, again := range []struct {
			conversation desk.ID
			client       string
		}{{0, "device-0001"}, {chat, "device-0002"}, {0, "device-0003"}} {
			if _, err := n.say(me, again.conversation, again.client); desk.CodeOf(err) != desk.Conflict {
				t.Errorf("%s, sent again after the merge: %v", again.client, err)
			}
		}
		old := visitor.Contact.ID
		if got := fmt.Sprint(n.texts(old, chat)); got != "[not_found]" {
			t.Errorf("the visitor's token still reads %s", got)
		}
		if list, err := n.store.Read(t.Context()).ConversationsOf(old); err != nil || len(list) != 0 {
			t.Errorf("the visitor's list: %v %v", list, err)
		}
		if _, err := n.say(old, chat, "device-0004"); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("the visitor writes into the customer's conversation: %v", err)
		}
		if _, err := n.say(old, 0, "device-0005"); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("the visitor begins anew: %v", err)
		}
		if fresh := n.begin(customer.Beginning{Token: visitor.Token}); fresh.Contact.ID == old || fresh.Contact.ID == me || fresh.Contact.Kind != customer.KindVisitor {
			t.Errorf("the visitor's token came back as %+v", fresh.Contact)
		}
		// A second tab that still has the visitor's token signs in, too; and then
		// another customer on the same device does.
		for _, uid := range []string{"88001234", "88005678"} {
			if late := n.begin(customer.Beginning{Token: visitor.Token, JWT: n.word(uid, nil)}); late.Merged != 0 {
				t.Errorf("%s got %d conversations of a visitor that was merged before", uid, late.Merged)
			}
		}
		if got := fmt.Sprint(n.texts(me, chat)); strings.Count(got, "signed_in") != 1 {
			t.Error(got)
		}
	})
}

// A shared computer: the next customer must not find the last one's history, and
// the last one's token is worth nothing any more.
func TestAChangedUserMergesNothing(t *testing.T) {
	eachNode(t, func(n *node) {
		lin := n.begin(customer.Beginning{JWT: n.word("88001234", nil)})
		chat := n.must(lin.Contact.ID, 0, "device-0001")
		again := n.begin(customer.Beginning{Token: lin.Token, JWT: n.word("88001234", nil)})
		if _, err := n.visitors.ContactOf(lin.Token); again.Merged != 0 || err != nil {
			t.Errorf("the same customer, renewed: %+v, %v", again, err)
		}
		chen := n.begin(customer.Beginning{Token: lin.Token, JWT: n.word("88005678", nil)})
		if chen.Merged != 0 || chen.Contact.ID == lin.Contact.ID || fmt.Sprint(n.texts(chen.Contact.ID, chat)) != "[not_found]" || len(n.texts(lin.Contact.ID, chat)) != 1 {
			t.Errorf("%+v", chen)
		}
		if _, err := n.visitors.ContactOf(lin.Token); desk.CodeOf(err) != desk.Unauthorized || len(n.ended) != 1 {
			t.Errorf("the former customer's token is still good: %v", err)
		}
		if _, err := n.visitors.ContactOf(again.Token); err != nil {
			t.Errorf("Lin's other device: %v", err)
		}
	})
}

// Names that a device chose twice, before and after signing in, must not make
// signing in impossible.
func TestMergingNamesThatAreTaken(t *testing.T) {
	eachNode(t, func(n *node) {
		me := n.begin(customer.Beginning{JWT: n.word("88001234", nil)})
		n.must(me.Contact.ID, n.must(me.Contact.ID, 0, "device-0001"), "device-0002")
		visitor := n.begin(customer.Beginning{})
		chat := n.must(visitor.Contact.ID, 0, "device-0001")
		n.must(visitor.Contact.ID, chat, "device-0002")
		if s := n.begin(customer.Beginning{Token: visitor.Token, JWT: n.word("88001234", nil)}); s.Merged != 1 {
			t.Errorf("%+v", s)
		}
		if got := fmt.Sprint(n.texts(me.Contact.ID, chat)); got != "[device-0001 device-0002 signed_in 88001234]" {
			t.Error(got)
		}
	})
}

// Whatever is acknowledged while somebody signs in is there afterwards, once.
func TestNothingIsLostOrDoubledWhileSigningIn(t *testing.T) {
	eachNode(t, func(n *node) {
		for round := range 10 {
			visitor := n.begin(customer.Beginning{})
			chat := n.must(visitor.Contact.ID, 0, "begin-000")
			uid := fmt.Sprint("uid-", round)
			signedIn := make(chan struct{})
			var me desk.ID
			var group sync.WaitGroup
			group.Go(func() {
				defer close(signedIn)
				s, err := n.visitors.Begin(n.Context(), customer.Beginning{Token: visitor.Token, JWT: n.word(uid, nil), Locale: "en"})
				if err != nil {
					n.Error(err)
					return
				}
				me = s.Contact.ID
			})
			const writers = 8
			for w := range writers {
				group.Go(func() {
					for i := range 4 {
						to := chat
						if i == 2 {
							to = 0
						}
						n.persist(visitor.Contact.ID, &me, signedIn, to, fmt.Sprintf("m-%d-%d", w, i))
					}
				})
			}
			group.Wait()
			list, err := n.store.Read(n.Context()).ConversationsOf(me)
			if err != nil {
				n.Fatal(err)
			}
			times := map[string]int{}
			for _, c := range list {
				for _, text := range n.texts(me, c.ID) {
					times[text]++
				}
			}
			for w := range writers {
				for i := range 4 {
					if name := fmt.Sprintf("m-%d-%d", w, i); times[name] != 1 {
						n.Errorf("round %d: %s is there %d times", round, name, times[name])
					}
				}
			}
			if left, err := n.store.Read(n.Context()).ConversationsOf(visitor.Contact.ID); err != nil || len(left) != 0 {
				n.Errorf("left with the visitor: %v, %v", left, err)
			}
		}
	})
}

// persist sends a message as a device does: as the visitor, and when that is
// refused, again as the customer. Every message is also repeated, as after a
// lost answer.
func (n *node) persist(visitor desk.ID, me *desk.ID, signedIn <-chan struct{}, conversation desk.ID, client string) {
	_, err := n.say(visitor, conversation, client)
	if code := desk.CodeOf(err); code != "" && code != desk.NotFound && code != desk.Unauthorized {
		n.Errorf("%s: %v", client, err)
	}
	<-signedIn
	_, again := n.say(*me, conversation, client)
	if want := map[bool]desk.Code{true: desk.Conflict, false: ""}[err == nil]; desk.CodeOf(again) != want {
		n.Errorf("%s: first %v, then %v", client, err, again)
	}
}

// Signing out on one device must hold on every node and across a restart.
func TestATokenThatWasGivenBackIsWorthNothing(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		n := newNode(t, url)
		other := n.visitors // on SQLite there is one node; it restarts below
		if !strings.HasPrefix(url, "sqlite:") {
			other = newNode(t, url).visitors
		}
		s := n.begin(customer.Beginning{JWT: n.word("88001234", nil)})
		second := n.begin(customer.Beginning{JWT: n.word("88001234", nil)})
		visitor := n.begin(customer.Beginning{})
		for _, token := range []string{s.Token, visitor.Token} {
			if err := n.visitors.End(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			if _, err := n.visitors.ContactOf(token); desk.CodeOf(err) != desk.Unauthorized {
				t.Errorf("on the node that ended it: %v", err)
			}
			if err := other.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := other.ContactOf(token); desk.CodeOf(err) != desk.Unauthorized {
				t.Errorf("on another node: %v", err)
			}
			if err := n.visitors.End(t.Context(), token); desk.CodeOf(err) != desk.Unauthorized {
				t.Errorf("ended twice: %v", err)
			}
		}
		if len(n.ended) != 2 {
			t.Errorf("live connections of %d tokens were ended", len(n.ended))
		}
		if _, err := n.visitors.ContactOf(second.Token); err != nil {
			t.Errorf("the other device: %v", err)
		}
		restarted := customer.New(customer.Config{Store: n.store, Vault: testVault(t)})
		if err := restarted.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := restarted.ContactOf(s.Token); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("after a restart: %v", err)
		}
		if fresh := n.begin(customer.Beginning{Token: visitor.Token}); fresh.Contact.ID == visitor.Contact.ID {
			t.Error("a token that was given back was renewed")
		}
		n.advance(customer.CustomerLife + time.Minute)
		if pruned, err := n.visitors.Prune(t.Context()); err != nil || pruned != 1 {
			t.Errorf("pruned %d, %v: the customer's token is over, the visitor's is not", pruned, err)
		}
	})
}

// What other nodes ended is seen without anybody asking, and the work ends when
// the server does.
func TestRunLooksForWhatEndedElsewhere(t *testing.T) {
	n := newNode(t, storetest.SQLiteURL(t))
	visitor := n.begin(customer.Beginning{})
	other := customer.New(customer.Config{Store: n.store, Vault: testVault(t), Login: login(t, customer.LoginConfig{Secret: shared})})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { other.Run(ctx); close(ended) }()
	if err := n.visitors.End(t.Context(), visitor.Token); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, err := other.ContactOf(visitor.Token); err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("ten seconds later the token is still good")
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	<-ended
}

func TestCustomerOfTheExchangesOwnToken(t *testing.T) {
	eachNode(t, func(n *node) {
		word := n.word("88001234", nil)
		if id, err := n.visitors.CustomerOf(t.Context(), word); id != 0 || err != nil {
			t.Errorf("somebody who was never here: %v, %v", id, err)
		}
		s := n.begin(customer.Beginning{JWT: word})
		if id, err := n.visitors.CustomerOf(t.Context(), word); id != s.Contact.ID || err != nil {
			t.Errorf("%v, %v", id, err)
		}
		if id, err := n.visitors.CustomerOf(t.Context(), "a.b.c"); id != 0 || desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("%v, %v", id, err)
		}
	})
}

// Checking a token is on every request's way.
func BenchmarkContactOf(b *testing.B) {
	v, err := vault.Open(vault.Source{Value: base64.StdEncoding.EncodeToString(make([]byte, vault.KeySize))})
	if err != nil {
		b.Fatal(err)
	}
	visitors := customer.NewVisitors(storetest.Open(b), v)
	token := visitors.Token(7)
	for b.Loop() {
		if _, err := visitors.ContactOf(token); err != nil {
			b.Fatal(err)
		}
	}
}
