// Command queue measures how fast work is given out: with many agents who have
// room and many conversations that wait, first the decisions alone, then with
// everything that is stored for each of them, on SQLite or on PostgreSQL. It
// prints one line of JSON per figure, with the runs as they were and their median.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/inbox/queue"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/store"
)

var scenarios = []desk.Scenario{desk.NoScenario, desk.TransferTrouble, desk.LockedOut, desk.HowTo, desk.LoginCode}

func main() {
	log.SetFlags(0)
	agents := flag.Int("agents", 1000, "agents who are there")
	waiting := flag.Int("waiting", 10_000, "conversations that wait")
	runs := flag.Int("runs", 7, "how often it is measured")
	database := flag.String("database", "", "database address; empty: SQLite in a temporary folder")
	engine := flag.Bool("engine", true, "measure the decisions alone as well")
	flag.Parse()
	if *engine {
		if err := decisions(*agents, *waiting, *runs); err != nil {
			log.Fatal("bench: ", err)
		}
	}
	if err := stored(context.Background(), *database, *agents, *waiting, *runs); err != nil {
		log.Fatal("bench: ", err)
	}
}

func report(figure string, perSecond []int, more map[string]any) error {
	more["figure"], more["per_second"] = figure, perSecond
	sorted := slices.Sorted(slices.Values(perSecond))
	more["median"] = sorted[len(sorted)/2]
	line, err := json.Marshal(more)
	fmt.Println(string(line))
	return err
}

func rate(n int, took time.Duration) int { return int(float64(n) / took.Seconds()) }

// decisions measures rounds in which every entry is looked at.
func decisions(agents, waiting, runs int) error {
	now := desk.MicrosOf(time.Now())
	people := make([]queue.Agent, agents)
	for i := range people {
		people[i] = queue.Agent{ID: desk.ID(i + 1), Teams: []desk.ID{1}, Available: true, Capacity: 6}
		if i%3 == 0 {
			people[i].Locales = []string{desk.Locales[i%2]}
		}
	}
	var rates []int
	for range runs {
		began := time.Now()
		r := queue.NewRound(now, queue.Rules{Sticky: time.Minute, Patience: time.Minute}, slices.Clone(people))
		given := 0
		for i := range waiting {
			e := queue.Entry{
				ID: desk.ID(i + 1), Team: 1, Entered: now - desk.Micros(waiting-i)*1000, Weight: 2,
				Scenario: scenarios[i%len(scenarios)], Locale: desk.Locales[i%2],
			}
			if r.Give(&e) != 0 {
				given++
			}
		}
		rates = append(rates, rate(given, time.Since(began)))
	}
	return report("assignments decided", rates, map[string]any{"agents": agents, "waiting": waiting})
}

// bench is a desk with nobody connected: what is measured is the giving out.
type bench struct {
	s     *store.Store
	in    *inbox.Inbox
	team  desk.ID
	began int // conversations
}

func stored(ctx context.Context, database string, agents, waiting, runs int) (err error) {
	if database == "" {
		dir, err := os.MkdirTemp("", "veridesk-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		database = "sqlite:" + filepath.Join(dir, "veridesk.db")
	}
	s, err := store.Open(ctx, store.Config{URL: database})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	index, err := store.OpenMessageIndex(ctx, s, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	hub, err := startHub(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hub.Close(ctx)) }()
	b := &bench{s: s, in: inbox.New(s, hub, index, slog.New(slog.DiscardHandler))}
	if err := b.staff(ctx, agents); err != nil {
		return err
	}
	var rates, given []int
	for range runs {
		if err := b.fill(ctx, waiting); err != nil {
			return err
		}
		began := time.Now()
		n, err := b.in.Dispatch(ctx)
		if err != nil {
			return err
		}
		rates, given = append(rates, rate(n, time.Since(began))), append(given, n)
		if err := b.settle(ctx); err != nil {
			return err
		}
	}
	return report("assignments stored", rates, map[string]any{"engine": s.Engine(), "agents": agents, "waiting": waiting, "given": given})
}

func startHub(ctx context.Context) (*realtime.Hub, error) {
	nobody := desk.Errorf(desk.Unauthorized, "nobody connects")
	hub, err := realtime.New(realtime.Config{
		VisitorOf: func(string) (desk.ID, error) { return 0, nobody },
		AgentOf:   func(*http.Request) (*desk.Agent, desk.ID, error) { return nil, 0, nobody },
		TeamsOf:   func(context.Context, *desk.Agent) ([]desk.ID, error) { return nil, nobody },
		MaySee:    func(context.Context, *desk.Agent, realtime.Kind, desk.ID) (bool, error) { return false, nobody },
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	return hub, hub.Start(ctx)
}

func (b *bench) staff(ctx context.Context, n int) error {
	var ids []desk.ID
	err := b.s.Write(ctx, func(tx *store.Tx) error {
		team := &desk.Team{Name: fmt.Sprintf("Bench %d", time.Now().UnixNano())}
		if err := tx.InsertTeam(team); err != nil {
			return err
		}
		b.team, ids = team.ID, nil
		for i := range n {
			a := &desk.Agent{
				Email: fmt.Sprintf("%d.%d@bench.example", i, b.team), Name: fmt.Sprintf("Agent %d", i), Role: desk.AgentRole, Status: "active",
				Locale: "en", Theme: "system", Teams: []desk.ID{team.ID},
			}
			if err := tx.InsertAgent(a, ""); err != nil {
				return err
			}
			ids = append(ids, a.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.in.SeeAgents(ctx, ids)
}

const chunk = 500

// fill lets people begin conversations until so many wait.
func (b *bench) fill(ctx context.Context, waiting int) error {
	lines, err := b.s.Read(ctx).QueueLines()
	if err != nil {
		return err
	}
	for _, l := range lines {
		waiting -= l.Waiting
	}
	for ; waiting > 0; waiting -= chunk {
		n := min(chunk, waiting)
		err := b.s.Write(ctx, func(tx *store.Tx) error {
			for i := range n {
				if err := b.arrive(tx, b.began+i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		b.began += n
	}
	return nil
}

func (b *bench) arrive(tx *store.Tx, i int) error {
	contact := &desk.Contact{Kind: "visitor", Locale: desk.Locales[i%2]}
	if err := tx.InsertContact(contact); err != nil {
		return err
	}
	scenario := scenarios[i%len(scenarios)]
	c := &desk.Conversation{
		Channel: desk.Chat, ContactID: contact.ID, Status: desk.Open, Scenario: scenario, TeamID: b.team, Priority: scenario.Priority(), Locale: contact.Locale,
	}
	key := fmt.Sprintf("bench:%d:%d", b.team, i)
	if err := tx.InsertConversation(c, key, ""); err != nil {
		return err
	}
	m := &desk.Message{
		ConversationID: c.ID, DedupeKey: key, AuthorKind: desk.ByContact, AuthorID: contact.ID, Visibility: desk.Public, Body: "Where is my deposit?",
	}
	if err := tx.AppendMessage(m, c, -1); err != nil {
		return err
	}
	_, err := tx.EnterQueue(store.QueueEntry{
		ConversationID: c.ID, TeamID: c.TeamID, Rank: c.WaitingSince, EnteredAt: c.WaitingSince, Channel: c.Channel, Scenario: c.Scenario, Locale: c.Locale, Live: true,
	})
	return err
}

// settle resolves what agents have in hand, so that they have room again, and
// keeps them there.
func (b *bench) settle(ctx context.Context) error {
	held, err := b.s.Read(ctx).HeldWork(0)
	if err != nil {
		return err
	}
	agents := map[desk.ID]bool{}
	for part := range slices.Chunk(held, chunk) {
		err := b.s.Write(ctx, func(tx *store.Tx) error {
			for _, h := range part {
				agents[h.AgentID] = true
				c, err := tx.LockConversation(h.ConversationID)
				if err != nil {
					return err
				}
				c.Status, c.WaitingSince, c.ResolvedAt = desk.Resolved, 0, tx.Now()
				if err := tx.UpdateConversation(c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	ids := make([]desk.ID, 0, len(agents))
	for id := range agents {
		ids = append(ids, id)
	}
	return b.in.SeeAgents(ctx, ids)
}
