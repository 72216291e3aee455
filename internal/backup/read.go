package backup

import (
	"bufio"
	"bytes"
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

	"github.com/klauspost/compress/zstd"

	"github.com/veridesk/veridesk/internal/desk"
)

// Verify reads a whole backup and checks every count and sum. What is damaged,
// cut off or not a backup is an error with code [desk.Invalid].
func Verify(ctx context.Context, r io.Reader) (Report, error) {
	b, err := open(ctx, r)
	if err != nil {
		return Report{}, err
	}
	defer b.close()
	return b.content(nowhere{})
}

// VerifyFile is Verify for a file.
func VerifyFile(ctx context.Context, path string) (Report, error) {
	return withFile(path, func(f io.Reader) (Report, error) { return Verify(ctx, f) })
}

func withFile(path string, fn func(io.Reader) (Report, error)) (Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return Report{}, desk.Wrap(desk.NotFound, fmt.Sprintf("the backup %s cannot be opened", path), err)
	}
	defer f.Close()
	return fn(f)
}

// sink is where the content of a backup goes while it is read. What it gets is
// only known to be right when content returns without an error.
type sink interface {
	row(table int, values []any) error // table counts in the manifest's order
	file(key string, size int64, content io.Reader) error
}

// nowhere is the sink of Verify.
type nowhere struct{}

func (nowhere) row(int, []any) error { return nil }
func (nowhere) file(_ string, _ int64, content io.Reader) error {
	_, err := io.Copy(io.Discard, content)
	return err
}

// reader walks the lines of a backup.
type reader struct {
	ctx    context.Context
	z      *zstd.Decoder
	in     *bufio.Reader
	to     sink
	all    hash.Hash // of every line before the current one
	long   []byte    // a line longer than in's buffer
	n      int       // number of the current line
	m      manifest
	report Report
}

// open begins to read a backup: afterwards its manifest is known.
func open(ctx context.Context, r io.Reader) (*reader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, err
	}
	b := &reader{ctx: ctx, z: z, in: bufio.NewReaderSize(z, 256<<10), all: sha256.New()}
	if err := b.manifest(); err != nil {
		z.Close()
		return nil, err
	}
	return b, nil
}

func (b *reader) close() { b.z.Close() }

// content hands everything after the manifest to a sink.
func (b *reader) content(to sink) (Report, error) {
	b.to = to
	if err := b.walk(); err != nil {
		return Report{}, err
	}
	return b.report, nil
}

func (b *reader) walk() error {
	for i := range b.m.Tables {
		if err := b.table(i); err != nil {
			return err
		}
	}
	for {
		sum := hex.EncodeToString(b.all.Sum(nil))
		line, err := b.next()
		if err != nil {
			return err
		}
		m, err := b.mark(line)
		switch {
		case err != nil:
			return err
		case m.File != nil:
			if err := b.file(m.File); err != nil {
				return err
			}
		case m.End != nil:
			return b.end(m.End, sum)
		default:
			return broken("line %d is not expected there", b.n)
		}
	}
}

// next returns the next line without its line feed. It is valid until the
// following call.
func (b *reader) next() ([]byte, error) {
	b.n++
	if b.n%1024 == 0 && b.ctx.Err() != nil {
		return nil, b.ctx.Err()
	}
	line, err := b.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		b.long = append(b.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) && len(b.long) < maxLine {
			line, err = b.in.ReadSlice('\n')
			b.long = append(b.long, line...)
		}
		line = b.long
	}
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, broken("line %d is longer than %d bytes", b.n, maxLine)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, broken("it is cut off at line %d", b.n)
	case err != nil && b.n == 1:
		return nil, desk.Wrap(desk.Invalid, "this is not a backup of Veridesk", err)
	case err != nil:
		return nil, desk.Wrap(desk.Invalid, fmt.Sprintf("the backup is damaged: it cannot be read beyond line %d", b.n), err)
	}
	b.all.Write(line) //nolint:errcheck // a hash never fails
	return line[:len(line)-1], nil
}

func (b *reader) mark(line []byte) (m mark, err error) {
	if len(line) == 0 || line[0] != '{' {
		return m, broken("line %d is not expected there", b.n)
	}
	if err := strict(line, &m); err != nil {
		return m, broken("line %d cannot be understood: %v", b.n, err)
	}
	return m, nil
}

func strict(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func (b *reader) manifest() error {
	line, err := b.next()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(line, &b.m); err != nil || b.m.Format == 0 {
		return desk.Wrap(desk.Invalid, "this is not a backup of Veridesk", errors.Join(errors.New("the first line is no manifest"), err))
	}
	if b.m.Format > Format {
		return desk.Errorf(desk.Invalid, "the backup has format %d and this binary reads up to %d; use a newer veridesk", b.m.Format, Format)
	}
	b.report = Report{
		Format: b.m.Format, Schema: b.m.Schema, Engine: b.m.Engine,
		CreatedAt: b.m.CreatedAt, VaultKeyID: b.m.VaultKeyID,
	}
	return nil
}

func (b *reader) table(i int) error {
	t := b.m.Tables[i]
	line, err := b.next()
	if err != nil {
		return err
	}
	if m, err := b.mark(line); err != nil || m.Table != t.Name {
		return errors.Join(err, broken("line %d should begin table %s", b.n, t.Name))
	}
	sum, rows, values := sha256.New(), int64(0), make([]any, len(t.Columns))
	for {
		line, err := b.next()
		if err != nil {
			return err
		}
		if len(line) > 0 && line[0] == '[' {
			sum.Write(line)         //nolint:errcheck // a hash never fails
			sum.Write([]byte{'\n'}) //nolint:errcheck // a hash never fails
			if err := parseRow(line, t.Columns, values); err != nil {
				return broken("line %d, table %s: %v", b.n, t.Name, err)
			}
			if err := b.to.row(i, values); err != nil {
				return err
			}
			rows++
			continue
		}
		m, err := b.mark(line)
		if err != nil {
			return err
		}
		got := TableReport{t.Name, rows, hex.EncodeToString(sum.Sum(nil))}
		switch {
		case m.TableEnd == nil:
			return broken("line %d should be a row or the end of table %s", b.n, t.Name)
		case *m.TableEnd != got, rows != t.Rows:
			return broken("table %s does not have the rows or the sum that it was written with", t.Name)
		}
		b.report.Tables = append(b.report.Tables, got)
		return nil
	}
}

// file hands a file to the sink while its pieces are read.
func (b *reader) file(f *fileMark) error {
	in, out := io.Pipe()
	taken := make(chan error, 1)
	go func() {
		err := b.to.file(f.Key, f.Size, in)
		in.CloseWithError(errors.Join(err, io.ErrClosedPipe)) //nolint:errcheck // always nil
		taken <- err
	}()
	err := b.pieces(f, out)
	if err != nil {
		out.CloseWithError(err) //nolint:errcheck // always nil
		if terr := <-taken; terr != nil && !errors.Is(terr, err) && !errors.Is(err, io.ErrClosedPipe) {
			return errors.Join(err, terr)
		}
		return err
	}
	out.Close() //nolint:errcheck // always nil
	if err := <-taken; err != nil {
		return fmt.Errorf("file %s: %w", f.Key, err)
	}
	b.report.Files++
	b.report.FileBytes += f.Size
	return nil
}

func (b *reader) pieces(f *fileMark, out io.Writer) error {
	sum, size := sha256.New(), int64(0)
	var piece []byte
	for {
		line, err := b.next()
		if err != nil {
			return err
		}
		if n := len(line); n >= 2 && line[0] == '"' && line[n-1] == '"' {
			if piece, err = base64.StdEncoding.AppendDecode(piece[:0], line[1:n-1]); err != nil {
				return broken("line %d, file %s: %v", b.n, f.Key, err)
			}
			sum.Write(piece) //nolint:errcheck // a hash never fails
			size += int64(len(piece))
			if _, err := out.Write(piece); err != nil {
				return fmt.Errorf("file %s: %w", f.Key, err)
			}
			continue
		}
		m, err := b.mark(line)
		if err != nil {
			return err
		}
		got := fileMark{f.Key, size, hex.EncodeToString(sum.Sum(nil))}
		if m.FileEnd == nil || *m.FileEnd != got || size != f.Size {
			return broken("file %s does not have the size or the sum that it was written with", f.Key)
		}
		return nil
	}
}

func (b *reader) end(e *endMark, sum string) error {
	if e.SHA256 != sum || e.Tables != len(b.report.Tables) || e.Files != b.report.Files {
		return broken("the sum of the whole is wrong")
	}
	// Reading to the end also checks the sum of the compressed stream.
	if _, err := b.in.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.Join(broken("something follows its end"), err)
	}
	b.report.SHA256 = sum
	return nil
}
