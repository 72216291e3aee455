package backup

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// RestoreOptions says how a backup is read into a database.
type RestoreOptions struct {
	// Replace deletes what is in the target (in the same transaction) instead of
	// refusing a target with rows.
	Replace bool
	// HoldsKey reports whether the master key with an identifier is at hand; without
	// it the secrets in the backup are lost. nil: not asked.
	HoldsKey func(keyID string) bool
	// Files receives the stored files. nil: a backup with files is refused.
	Files Files
}

// Restore reads a backup into the database of s, which must not be serving: s
// has been opened and not started, and no other node runs. All of the rows are
// there afterwards or, after an error, what was there before; the schema is then
// the newest one. Errors have code [desk.Invalid] (damaged, too new, the wrong
// key) or [desk.Conflict] (the target has rows, or a node is running). Files are
// put before the rows are committed: an error may leave some that no row names.
func Restore(ctx context.Context, s *store.Store, r io.Reader, opts RestoreOptions) (Report, error) {
	b, err := open(ctx, r)
	if err != nil {
		return Report{}, err
	}
	defer b.close()
	if opts.HoldsKey != nil && b.m.VaultKeyID != "" && !opts.HoldsKey(b.m.VaultKeyID) {
		return Report{}, desk.Errorf(desk.Invalid, "the secrets in the backup were wrapped by the master key %s, which is not at hand; put that key in place first", b.m.VaultKeyID)
	}
	if err := fitSchema(ctx, s, b.m.Schema, opts.Replace); err != nil {
		return Report{}, err
	}
	var report Report
	err = s.Load(ctx, func(l *store.Loader) error {
		to := &restorer{ctx: ctx, load: l, files: opts.Files}
		if err := to.prepare(&b.m, opts.Replace); err != nil {
			return err
		}
		report, err = b.content(to)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("restore: %w", err)
	}
	if _, err := s.Migrate(ctx); err != nil {
		return report, fmt.Errorf("the backup is restored, but: %w", err)
	}
	return report, nil
}

// RestoreFile checks the whole file first, then restores it.
func RestoreFile(ctx context.Context, s *store.Store, path string, opts RestoreOptions) (Report, error) {
	if _, err := VerifyFile(ctx, path); err != nil {
		return Report{}, err
	}
	return withFile(path, func(f io.Reader) (Report, error) { return Restore(ctx, s, f, opts) })
}

// fitSchema brings an empty database to the schema of the backup.
func fitSchema(ctx context.Context, s *store.Store, version int64, replace bool) error {
	have, want, err := s.Version(ctx)
	switch {
	case err != nil:
		return err
	case version > want || version < 1:
		return desk.Errorf(desk.Invalid, "the backup has schema version %d and this binary knows up to %d; use the veridesk that made it, or a newer one", version, want)
	case have == version:
		return nil
	case have > 0:
		if used, err := inUse(s.Read(ctx)); err != nil || len(used) > 0 {
			if err == nil && replace {
				err = desk.Errorf(desk.Conflict, "the database has schema version %d and rows, the backup has version %d; restore it into an empty database", have, version)
			}
			if err == nil {
				err = notEmpty(used)
			}
			return err
		}
	}
	return s.MigrateTo(ctx, version)
}

// inUse lists the tables that have rows which a restore would mix with its own.
func inUse(q store.Query) ([]string, error) {
	tables, err := carried(q)
	if err != nil {
		return nil, err
	}
	var used []string
	for _, t := range tables {
		n, err := q.Count(t)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			used = append(used, fmt.Sprintf("%s (%d)", t.Name, n))
		}
	}
	return used, nil
}

func notEmpty(used []string) error {
	return desk.Errorf(desk.Conflict, "the database is not empty: %s; restore into an empty one, or say that it may be replaced", strings.Join(used, ", "))
}

// restorer is the sink that writes into a database.
type restorer struct {
	ctx    context.Context
	load   *store.Loader
	tables []store.Table // of the target, in the backup's order
	files  Files
}

// prepare finds the tables of the backup in the target and makes room.
func (to *restorer) prepare(m *manifest, replace bool) error {
	all, err := to.load.Tables()
	if err != nil {
		return err
	}
	used, err := inUse(to.load.Query)
	if err != nil {
		return err
	}
	if len(used) > 0 && !replace {
		return notEmpty(used)
	}
	for _, t := range slices.Backward(all) { // children before parents
		if err := to.load.Clear(t); err != nil {
			return fmt.Errorf("clear table %s: %w", t.Name, err)
		}
	}
	for _, t := range m.Tables {
		i := slices.IndexFunc(all, func(have store.Table) bool { return have.Name == t.Name })
		if i < 0 || NotCarried[t.Name] != "" {
			return broken("its table %s is not part of schema version %d", t.Name, m.Schema)
		}
		if !sameColumns(all[i].Columns, t.Columns) {
			return broken("the columns of table %s are not those of schema version %d", t.Name, m.Schema)
		}
		target := all[i]
		target.Columns = t.Columns // the values come in the backup's order
		to.tables = append(to.tables, target)
	}
	missing := slices.ContainsFunc(all, func(t store.Table) bool {
		there := slices.ContainsFunc(m.Tables, func(b manifestTable) bool { return b.Name == t.Name })
		return !there && NotCarried[t.Name] == ""
	})
	if missing {
		return broken("it lacks tables of schema version %d", m.Schema)
	}
	return nil
}

// sameColumns compares regardless of the order.
func sameColumns(a, b []store.Column) bool {
	if len(a) != len(b) {
		return false
	}
	for _, c := range a {
		if !slices.Contains(b, c) {
			return false
		}
	}
	return true
}

func (to *restorer) row(table int, values []any) error {
	return to.load.Insert(&to.tables[table], values)
}

func (to *restorer) file(key string, size int64, content io.Reader) error {
	if to.files == nil {
		return desk.Errorf(desk.Invalid, "the backup holds files, and there is nowhere to put them")
	}
	return to.files.Put(to.ctx, key, content, size)
}
