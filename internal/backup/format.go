package backup

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Format is the version of the file format that this package writes.
const Format = 1

// maxLine bounds a line of a backup, in bytes: a row is far shorter.
const maxLine = 64 << 20

// pieceSize is how much of a file goes into one line, in bytes.
const pieceSize = 48 << 10

// NotCarried lists the tables that a backup leaves out, with the reason.
var NotCarried = map[string]string{
	"node":     "leases of running processes",
	"session":  "whoever holds a backup must not hold anybody's sign-in",
	"ceremony": "half-finished sign-ins",
	"throttle": "counts of minutes",
}

// Files is where stored files come from and go to. Keys are opaque.
type Files interface {
	// List calls fn for every key.
	List(ctx context.Context, fn func(key string) error) error
	// Open returns the content and its size in bytes. A file that was deleted since
	// List gives an error with code [desk.NotFound] and is left out.
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// Put stores size bytes under key, replacing what is there.
	Put(ctx context.Context, key string, content io.Reader, size int64) error
}

// Report says what a backup holds.
type Report struct {
	Format     int           `json:"format"`
	Schema     int64         `json:"schema"` // version of the migrations
	Engine     store.Engine  `json:"engine"` // the database it was made from
	CreatedAt  time.Time     `json:"created_at"`
	VaultKeyID string        `json:"vault_key_id"` // the master key that wrapped its secrets
	Tables     []TableReport `json:"tables"`
	Files      int           `json:"files"`
	FileBytes  int64         `json:"file_bytes"`
	SHA256     string        `json:"sha256"` // of the whole content
}

// TableReport says what a backup holds of one table.
type TableReport struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // hexadecimal; equal rows have equal sums on both engines
}

// Rows returns the number of rows of all tables.
func (r Report) Rows() (n int64) {
	for _, t := range r.Tables {
		n += t.Rows
	}
	return n
}

type manifest struct {
	Format     int             `json:"veridesk_backup"`
	Schema     int64           `json:"schema"`
	Engine     store.Engine    `json:"engine"`
	CreatedAt  time.Time       `json:"created_at"`
	VaultKeyID string          `json:"vault_key_id"`
	Tables     []manifestTable `json:"tables"`
}

type manifestTable struct {
	Name    string         `json:"name"`
	Columns []store.Column `json:"columns"`
	Rows    int64          `json:"rows"`
}

// mark is a line that is neither a row nor a piece of a file.
type mark struct {
	Table    string       `json:"table,omitempty"`
	TableEnd *TableReport `json:"table_end,omitempty"`
	File     *fileMark    `json:"file,omitempty"`
	FileEnd  *fileMark    `json:"file_end,omitempty"`
	End      *endMark     `json:"end,omitempty"`
}

type fileMark struct {
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
}

type endMark struct {
	Tables int    `json:"tables"`
	Files  int    `json:"files"`
	SHA256 string `json:"sha256"`
}

// notUTF8 is how text that JSON cannot carry is written.
type notUTF8 struct {
	Base64 []byte `json:"base64"`
}

// appendRow appends a row as a JSON array and a line feed.
func appendRow(line []byte, values []any) ([]byte, error) {
	line = append(line, '[')
	for i, v := range values {
		if i > 0 {
			line = append(line, ',')
		}
		var err error
		if line, err = appendValue(line, v); err != nil {
			return nil, err
		}
	}
	return append(line, ']', '\n'), nil
}

func appendValue(line []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(line, "null"...), nil
	case int64:
		return strconv.AppendInt(line, v, 10), nil
	case bool:
		return strconv.AppendBool(line, v), nil
	case []byte:
		line = append(line, '"')
		line = base64.StdEncoding.AppendEncode(line, v)
		return append(line, '"'), nil
	case string:
		var text any = v
		if !utf8.ValidString(v) {
			text = notUTF8{[]byte(v)}
		}
		b, err := json.Marshal(text)
		return append(line, b...), err
	}
	return nil, fmt.Errorf("a value of type %T", v)
}

// parseRow reads a row of the columns into values.
func parseRow(line []byte, columns []store.Column, values []any) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return err
	}
	if len(raw) != len(columns) {
		return fmt.Errorf("%d values for %d columns", len(raw), len(columns))
	}
	for i, c := range columns {
		v, err := parseValue(raw[i], c.Kind)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		values[i] = v
	}
	return nil
}

func parseValue(raw json.RawMessage, kind store.Kind) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	switch kind {
	case store.Int:
		return strconv.ParseInt(string(raw), 10, 64)
	case store.Bool:
		return strconv.ParseBool(string(raw))
	case store.Bytes:
		b := []byte{} // empty is not NULL
		err := json.Unmarshal(raw, &b)
		return b, err
	case store.Text:
		if len(raw) > 0 && raw[0] == '{' {
			var t notUTF8
			err := json.Unmarshal(raw, &t)
			return string(t.Base64), err
		}
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	}
	return nil, fmt.Errorf("unknown kind %q", kind)
}

func broken(format string, args ...any) error {
	return desk.Errorf(desk.Invalid, "the backup is damaged: "+format, args...)
}
