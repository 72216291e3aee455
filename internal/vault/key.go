package vault

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeySize is the length of a master key in bytes.
const KeySize = 32

// What Open may find wrong; test with errors.Is. The message of the returned error says where and how to mend it.
var (
	ErrNoKey    = errors.New("vault: no master key")
	ErrBadKey   = errors.New("vault: malformed master key")
	ErrReadKey  = errors.New("vault: master key cannot be read")
	ErrWriteKey = errors.New("vault: master key cannot be written")
)

// Source says where the master key is. A key is 32 bytes in base64 (standard or URL alphabet, padded or not). Value and
// the file may hold several, one a line (in Value also separated by commas): the first wraps, all of them unwrap; that
// is how a key is rotated. Lines that begin with # are ignored.
type Source struct {
	Value  string    // the key itself, usually from the environment; goes before File
	File   string    // path of the key file
	Create bool      // make the file, with a new key and mode 0600, if it is not there
	Rand   io.Reader // for new keys and nonces; nil means crypto/rand
}

// Open reads the master key. It does not fail for a key file that others may read, but Warnings then says so.
func Open(src Source) (*Vault, error) {
	if src.Rand == nil {
		src.Rand = rand.Reader
	}
	if strings.TrimSpace(src.Value) != "" {
		keys, err := parseKeys(src.Value)
		if err != nil {
			return nil, fmt.Errorf("the master key given as a value: %w", err)
		}
		return newVault(keys, nil, src.Rand)
	}
	if src.File == "" {
		return nil, fmt.Errorf("%w: neither a key file nor a key value is configured", ErrNoKey)
	}
	text, err := os.ReadFile(src.File)
	if errors.Is(err, fs.ErrNotExist) && src.Create {
		text, err = createKeyFile(src.File, src.Rand)
	}
	switch {
	case errors.Is(err, ErrWriteKey):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: there is no file %s; restore it from the backup of your keys "+
			"(stored secrets cannot be read without it)", ErrNoKey, src.File)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrReadKey, err)
	}
	keys, err := parseKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", src.File, err)
	}
	warnings, err := permissionWarnings(src.File)
	if err != nil {
		return nil, err
	}
	return newVault(keys, warnings, src.Rand)
}

// parseKeys gives the keys of a value or file, the current one first. Its errors never quote the input.
func parseKeys(text string) ([][]byte, error) {
	var keys [][]byte
	for number, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for field := range strings.SplitSeq(line, ",") {
			key, err := decodeKey(strings.TrimSpace(field))
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", number+1, err)
			}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrNoKey)
	}
	return keys, nil
}

func decodeKey(field string) ([]byte, error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(field, "="))
	key, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64", ErrBadKey)
	}
	if len(key) != KeySize {
		return nil, fmt.Errorf("%w: %d bytes, want %d (make one with: openssl rand -base64 32)", ErrBadKey, len(key), KeySize)
	}
	return key, nil
}

// createKeyFile writes a new key so that a crash leaves the whole file or none, and so that of two processes that
// start at once both end up with the same key.
func createKeyFile(path string, random io.Reader) ([]byte, error) {
	key := make([]byte, KeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("%w: no randomness: %w", ErrWriteKey, err)
	}
	text := []byte(base64.StdEncoding.EncodeToString(key) + "\n")
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".master-key-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWriteKey, err)
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // after the link below it is only a second name
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWriteKey, err)
	}
	// Link, unlike rename, refuses to replace a key that somebody else made meanwhile.
	if err := os.Link(temp.Name(), path); errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWriteKey, err)
	}
	if err := syncDir(dir); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWriteKey, err)
	}
	return text, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

func permissionWarnings(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReadKey, err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return []string{fmt.Sprintf("key file %s may be read by other users (mode %04o); run: chmod 600 %s", path, mode, path)}, nil
	}
	return nil, nil
}
