package official

import (
	"context"
	"log/slog"

	"github.com/veridesk/veridesk/internal/store"
)

// Verdict is what the registry says about a contact. Value is the entry that
// decided, in its normal form; "" when the contact is unknown.
type Verdict struct {
	Status Status
	Value  string
}

// Config says where a [Registry] is kept.
type Config struct {
	Store  *store.Store
	Logger *slog.Logger // nil: slog.Default
}

// Registry is the registry on one node. Its methods may be called from many
// goroutines.
type Registry struct {
	cfg    Config
	tables *store.Replica[table]
}

// Open returns the registry with its entries loaded.
func Open(ctx context.Context, cfg Config) (*Registry, error) {
	tables, err := store.OpenReplica(ctx, cfg.Store, store.ReplicaConfig[table]{
		Name: "the registry of contacts", Version: store.Query.OfficialVersion, Logger: cfg.Logger,
		Read: func(q store.Query, version string) (*table, error) {
			rows, err := q.OfficialContacts()
			if err != nil {
				return nil, err
			}
			return newTable(version, rows), nil
		},
	})
	if err != nil {
		return nil, err
	}
	return &Registry{cfg: cfg, tables: tables}, nil
}

// Refresh reads the registry anew when it has changed, and reports whether it
// had.
func (r *Registry) Refresh(ctx context.Context) (bool, error) { return r.tables.Refresh(ctx) }

// Run looks every second whether the registry has changed, until ctx ends.
// While the database is away the last state stays.
func (r *Registry) Run(ctx context.Context) { r.tables.Run(ctx, nil) }

// Version differs after every change that this node has seen.
func (r *Registry) Version() string { return r.tables.Load().version }

// Judge says what the registry knows about a link: an https address by its
// host, a mailto address by its mailbox. Everything else is [Unknown].
func (r *Registry) Judge(rawURL string) Verdict { return r.tables.Load().judge(rawURL) }

// Public lists the official contacts that the contact page of an entity and
// region shows, in order. The result is the caller's.
func (r *Registry) Public(entity, region string) []Contact {
	var out []Contact
	for _, c := range r.tables.Load().contacts {
		if c.Public && c.Status == Official && (c.Entity == "" || c.Entity == entity) && (c.Region == "" || c.Region == region) {
			out = append(out, c)
		}
	}
	return out
}
