package backup

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Options says what a backup takes along.
type Options struct {
	VaultKeyID string // name of the master key, for the manifest; never the key
	Files      Files  // stored files to include; nil: none
}

// Backup writes the data of s to w in the format of this package. Serving goes
// on meanwhile. Memory does not grow with the data.
func Backup(ctx context.Context, s *store.Store, w io.Writer, opts Options) (Report, error) {
	have, want, err := s.Version(ctx)
	if err != nil {
		return Report{}, err
	}
	if have == 0 || have > want {
		return Report{}, desk.Errorf(desk.Invalid, "the database has schema version %d and this binary knows up to %d; use the binary that serves it", have, want)
	}
	// One goroutine: a backup must leave the other core to the visitors.
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		return Report{}, err
	}
	b := &writer{out: z, all: sha256.New()}
	b.report = Report{Format: Format, Schema: have, Engine: s.Engine(), CreatedAt: s.Now().UTC(), VaultKeyID: opts.VaultKeyID}
	err = s.Dump(ctx, b.tables)
	if err == nil && opts.Files != nil {
		err = b.files(ctx, opts.Files)
	}
	if err == nil {
		b.report.SHA256 = hex.EncodeToString(b.all.Sum(nil))
		err = b.mark(mark{End: &endMark{Tables: len(b.report.Tables), Files: b.report.Files, SHA256: b.report.SHA256}})
	}
	if err := errors.Join(err, z.Close()); err != nil {
		return Report{}, fmt.Errorf("backup: %w", err)
	}
	return b.report, nil
}

// BackupFile writes a backup to path: to a temporary file beside it first, which
// is flushed to disk, read back and checked, and only then gets the name. An
// existing file is not replaced.
func BackupFile(ctx context.Context, s *store.Store, path string, opts Options) (r Report, err error) {
	if _, err := os.Lstat(path); err == nil {
		return Report{}, desk.Errorf(desk.Conflict, "%s exists already; choose another name", path)
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".backup-*") // 0600: it holds customers' data
	if err != nil {
		return Report{}, desk.Wrap(desk.Unavailable, fmt.Sprintf("the backup cannot be written into %s", dir), err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	r, err = Backup(ctx, s, f, opts)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Report{}, err
	}
	read, err := VerifyFile(ctx, f.Name())
	if err == nil && read.SHA256 != r.SHA256 {
		err = broken("what was read back is not what was written; check the disk")
	}
	if err != nil {
		return Report{}, err
	}
	// Link fails when somebody else has taken the name meanwhile; Rename would not.
	if err = os.Link(f.Name(), path); err != nil {
		return Report{}, desk.Wrap(desk.Unavailable, fmt.Sprintf("the finished backup cannot get the name %s", path), err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return Report{}, err
	}
	return r, syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type writer struct {
	out    io.Writer
	all    hash.Hash // of every line so far
	line   []byte
	report Report
}

func (b *writer) write(line []byte, also ...io.Writer) error {
	for _, w := range append(also, b.all, b.out) {
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (b *writer) mark(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.write(append(line, '\n'))
}

func (b *writer) tables(q store.Query) error {
	tables, err := carried(q)
	if err != nil {
		return err
	}
	m := manifest{
		Format: Format, Schema: b.report.Schema, Engine: b.report.Engine,
		CreatedAt: b.report.CreatedAt, VaultKeyID: b.report.VaultKeyID,
	}
	for _, t := range tables {
		n, err := q.Count(t)
		if err != nil {
			return err
		}
		m.Tables = append(m.Tables, manifestTable{t.Name, t.Columns, n})
	}
	if err := b.mark(m); err != nil {
		return err
	}
	for i, t := range tables {
		end, err := b.table(q, t)
		if err == nil && end.Rows != m.Tables[i].Rows {
			err = fmt.Errorf("%d rows were counted and %d read: the snapshot moved", m.Tables[i].Rows, end.Rows)
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		b.report.Tables = append(b.report.Tables, end)
	}
	return nil
}

// carried lists the tables of a backup, parents first.
func carried(q store.Query) ([]store.Table, error) {
	all, err := q.Tables()
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, t := range all {
		if _, not := NotCarried[t.Name]; !not {
			out = append(out, t)
		}
	}
	return out, nil
}

func (b *writer) table(q store.Query, t store.Table) (TableReport, error) {
	end := TableReport{Name: t.Name}
	if err := b.mark(mark{Table: t.Name}); err != nil {
		return end, err
	}
	sum := sha256.New()
	for values, err := range q.Rows(t) {
		if err == nil {
			b.line, err = appendRow(b.line[:0], values)
		}
		if err == nil {
			err = b.write(b.line, sum)
		}
		if err != nil {
			return end, err
		}
		end.Rows++
	}
	end.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return end, b.mark(mark{TableEnd: &end})
}

func (b *writer) files(ctx context.Context, files Files) error {
	return files.List(ctx, func(key string) error {
		content, size, err := files.Open(ctx, key)
		if desk.CodeOf(err) == desk.NotFound {
			return nil // deleted since it was listed
		}
		if err != nil {
			return fmt.Errorf("file %s: %w", key, err)
		}
		if err := errors.Join(b.file(key, size, content), content.Close()); err != nil {
			return fmt.Errorf("file %s: %w", key, err)
		}
		return nil
	})
}

func (b *writer) file(key string, size int64, content io.Reader) error {
	if err := b.mark(mark{File: &fileMark{Key: key, Size: size}}); err != nil {
		return err
	}
	sum, piece, got := sha256.New(), make([]byte, pieceSize), int64(0)
	for {
		n, err := io.ReadFull(content, piece)
		if n > 0 {
			b.line = append(b.line[:0], '"')
			b.line = base64.StdEncoding.AppendEncode(b.line, piece[:n])
			b.line = append(b.line, '"', '\n')
			sum.Write(piece[:n]) //nolint:errcheck // a hash never fails
			got += int64(n)
			if err := b.write(b.line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if got != size {
		return fmt.Errorf("%d bytes instead of %d", got, size)
	}
	b.report.Files++
	b.report.FileBytes += got
	return b.mark(mark{FileEnd: &fileMark{Key: key, Size: got, SHA256: hex.EncodeToString(sum.Sum(nil))}})
}
