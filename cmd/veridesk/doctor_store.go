package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// Free space in the data folder, in bytes.
const (
	spaceWarn = 1 << 30
	spaceFail = 100 << 20
)

func checkData(_ context.Context, cfg config.Config) []finding {
	const name = "data folder"
	const mend = "make the folder and let the user that runs veridesk write to it, or name another with --data"
	dir, err := os.Stat(cfg.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []finding{{name, stateWarn, cfg.Data + " is not there yet", "the first start makes it"}}
	case err != nil:
		return []finding{{name, stateFail, fmt.Sprintf("%s cannot be read: %v", cfg.Data, err), mend}}
	case !dir.IsDir():
		return []finding{{name, stateFail, cfg.Data + " is not a folder", mend}}
	}
	probe, err := os.CreateTemp(cfg.Data, ".doctor-*")
	if err == nil {
		_, werr := probe.Write(make([]byte, 4096))
		err = errors.Join(werr, probe.Sync(), probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		return []finding{{name, stateFail, fmt.Sprintf("%s cannot be written: %v", cfg.Data, err), mend}}
	}
	return []finding{{name, stateOK, cfg.Data + " can be written", ""}, checkSpace(cfg.Data)}
}

func checkSpace(dir string) finding {
	const name = "disk space"
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return finding{name, stateSkip, fmt.Sprintf("cannot be asked for: %v", err), ""}
	}
	free := st.Bavail * uint64(st.Bsize)
	f := finding{name, stateOK, fmt.Sprintf("%.1f GiB free in %s", float64(free)/(1<<30), dir), ""}
	const mend = "free space or move the data folder; when the disk is full, messages are refused"
	switch {
	case free < spaceFail:
		f.State, f.Mend = stateFail, mend
	case free < spaceWarn:
		f.State, f.Mend = stateWarn, mend
	}
	return f
}

func checkDatabase(ctx context.Context, cfg config.Config) []finding {
	if path, ok := strings.CutPrefix(cfg.Database, "sqlite:"); ok {
		// Opening would make the file, and a doctor changes nothing.
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return []finding{
				{"database", stateWarn, path + " is not there yet", "the first start makes it, and so does veridesk migrate"},
				checkKey(ctx, cfg, nil),
			}
		}
	}
	s, err := store.Open(ctx, store.Config{URL: cfg.Database})
	if err != nil {
		return []finding{{"database", stateFail, err.Error(), "see database in the settings"}, checkKey(ctx, cfg, nil)}
	}
	out := []finding{checkSchema(ctx, s)}
	if out[0].State == stateOK {
		out = append(out, checkDurable(ctx, s), checkClock(ctx, s), checkKey(ctx, cfg, s))
	} else {
		out = append(out, checkKey(ctx, cfg, nil))
	}
	if err := s.Close(); err != nil {
		out = append(out, finding{"database", stateFail, fmt.Sprintf("cannot be closed: %v", err), "look at the database's own log"})
	}
	return out
}

func checkSchema(ctx context.Context, s *store.Store) finding {
	const name = "database"
	have, want, err := s.Version(ctx)
	switch {
	case err != nil:
		return finding{name, stateFail, fmt.Sprintf("%s answers, but its version cannot be read: %v", s.Engine(), err), "check that this is Veridesk's database and that its user owns it"}
	case have < want:
		return finding{name, stateWarn, fmt.Sprintf("%s, schema version %d; this binary needs %d", s.Engine(), have, want), "veridesk migrate, or simply start the server; make a backup before"}
	case have > want:
		return finding{name, stateFail, fmt.Sprintf("%s, schema version %d; this binary knows only %d", s.Engine(), have, want), "a newer veridesk has used this database: run that one"}
	}
	return finding{name, stateOK, fmt.Sprintf("%s, schema version %d", s.Engine(), have), ""}
}

func checkDurable(ctx context.Context, s *store.Store) finding {
	const name = "durability"
	durable, err := s.Read(ctx).Durable()
	switch {
	case err != nil:
		return finding{name, stateFail, fmt.Sprintf("the database does not tell whether it flushes to disk: %v", err), "look at the database's own log"}
	case !durable:
		return finding{name, stateFail, "PostgreSQL runs with fsync = off: a power cut loses messages that were acknowledged", "set fsync = on in postgresql.conf and restart PostgreSQL"}
	}
	return finding{name, stateOK, "an acknowledged message is on disk", ""}
}

func checkClock(ctx context.Context, s *store.Store) finding {
	const name = "clock"
	before := time.Now()
	theirs, err := s.Read(ctx).DatabaseNow()
	if err != nil {
		return finding{name, stateFail, fmt.Sprintf("the database does not tell the time: %v", err), "look at the database's own log"}
	}
	ours := before.Add(time.Since(before) / 2)
	skew := time.UnixMicro(int64(theirs)).Sub(ours).Abs()
	f := finding{name, stateOK, fmt.Sprintf("%s away from the database's", skew.Round(time.Millisecond)), ""}
	if skew > 2*time.Second {
		f.State, f.Mend = stateWarn, "let NTP set the clock on both machines; times of messages and sign-in codes suffer"
	}
	return f
}

// checkKey opens the master key and compares it with what the database
// remembers; s is nil when the database cannot be asked.
func checkKey(ctx context.Context, cfg config.Config, s *store.Store) finding {
	const name = "master key"
	var remembered []byte
	if s != nil {
		var err error
		remembered, err = s.Read(ctx).Meta(store.MetaMasterKey)
		if err != nil && desk.CodeOf(err) != desk.NotFound {
			return finding{name, stateFail, fmt.Sprintf("the database does not tell which key it needs: %v", err), "look at the database's own log"}
		}
	}
	v, err := vault.Open(vault.Source{Value: cfg.MasterKey, File: cfg.MasterKeyFile})
	if errors.Is(err, vault.ErrNoKey) && len(remembered) == 0 {
		return finding{name, stateWarn, "there is none yet", "the first start makes it; keep a copy apart from the backups"}
	}
	if err != nil {
		return finding{name, stateFail, err.Error(), "put the key that belongs to this database back in its place; stored secrets cannot be read without it"}
	}
	if len(remembered) > 0 && !v.Holds(string(remembered)) {
		return finding{name, stateFail, fmt.Sprintf("the key is %s, but the database was used with %s", v.KeyID(), remembered), "use the key that belongs to this database, or add it as a further line behind the new one"}
	}
	if w := v.Warnings(); len(w) > 0 {
		return finding{name, stateWarn, strings.Join(w, "\n"), "see docs/operations.md"}
	}
	if len(remembered) == 0 {
		return finding{name, stateOK, "key " + v.KeyID() + " can be read; the database does not remember one yet", ""}
	}
	return finding{name, stateOK, "key " + v.KeyID() + " belongs to this database", ""}
}
