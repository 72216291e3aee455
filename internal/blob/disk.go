package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Disk is a Store in a folder. A content is one file, its name the key with "/" written "~", in one of 256 folders by
// the key's hash: DIR/objects/3f/attachments~123. What is being written lies in DIR/tmp.
type Disk struct {
	dir    string
	create func(dir string) (tempFile, error) // replaced by tests to fill the disk
}

type tempFile interface {
	io.Writer
	Name() string
	Sync() error
	Close() error
}

// staleAfter is the age of a file in tmp that no running Put can still be writing.
const staleAfter = 24 * time.Hour

// OpenDisk opens the store in dir, making the folder (mode 0700) when it is not there. Several processes may share it.
// Errors: ErrUnreadable, ErrFull.
func OpenDisk(dir string) (*Disk, error) {
	d := &Disk{dir: dir, create: createTemp}
	for _, sub := range []string{d.objects(), d.temp()} {
		if err := os.MkdirAll(sub, 0o700); err != nil {
			return nil, diskError("open the store", err)
		}
	}
	if err := d.removeStale(); err != nil {
		return nil, diskError("clear unfinished files", err)
	}
	return d, nil
}

func createTemp(dir string) (tempFile, error) { return os.CreateTemp(dir, "put-*") }

func (d *Disk) objects() string { return filepath.Join(d.dir, "objects") }
func (d *Disk) temp() string    { return filepath.Join(d.dir, "tmp") }

func (d *Disk) removeStale() error {
	entries, err := os.ReadDir(d.temp())
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if time.Since(info.ModTime()) < staleAfter {
			continue
		}
		if err := os.Remove(filepath.Join(d.temp(), entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// path gives the folder and the file of a valid key.
func (d *Disk) path(key string) (shard, file string) {
	sum := sha256.Sum256([]byte(key))
	shard = filepath.Join(d.objects(), hex.EncodeToString(sum[:1]))
	return shard, filepath.Join(shard, strings.ReplaceAll(key, "/", "~"))
}

// Put implements Store.
func (d *Disk) Put(ctx context.Context, key string, r io.Reader, size int64) (Info, error) {
	if err := validKey(key); err != nil {
		return Info{}, err
	}
	content := measure(ctx, r, size)
	temp, err := d.write(content)
	if err != nil {
		return Info{}, err
	}
	info, err := d.publish(temp, key)
	if err != nil {
		return Info{}, errors.Join(err, removeTemp(temp))
	}
	info.SHA256 = content.sha256()
	return info, nil
}

// write puts the content on the disk, flushed, under a name of its own.
func (d *Disk) write(content *measured) (name string, err error) {
	f, err := d.create(d.temp())
	if err != nil {
		return "", diskError("create a file", err)
	}
	_, err = io.Copy(f, content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	switch {
	case err == nil:
		return f.Name(), nil
	case content.err != nil:
		return "", errors.Join(content.err, removeTemp(f.Name()))
	}
	return "", errors.Join(diskError("write a file", err), removeTemp(f.Name()))
}

func removeTemp(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: unfinished file left behind: %w", err)
	}
	return nil
}

// publish gives the finished file its name, durably: the rename is only on the disk once its folder is.
func (d *Disk) publish(temp, key string) (Info, error) {
	shard, file := d.path(key)
	if err := os.Mkdir(shard, 0o700); err == nil {
		err = syncDir(d.objects())
		if err != nil {
			return Info{}, diskError("flush a folder", err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return Info{}, diskError("create a folder", err)
	}
	stat, err := os.Stat(temp)
	if err != nil {
		return Info{}, diskError("store "+key, err)
	}
	if err := os.Rename(temp, file); err != nil {
		return Info{}, diskError("store "+key, err)
	}
	if err := syncDir(shard); err != nil {
		return Info{}, diskError("flush a folder", err)
	}
	return Info{Key: key, Size: stat.Size(), Modified: stat.ModTime()}, nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Open implements Store.
func (d *Disk) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := validKey(key); err != nil {
		return nil, Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, Info{}, err
	}
	_, file := d.path(key)
	f, err := os.Open(file)
	if err != nil {
		return nil, Info{}, diskError("open "+key, err)
	}
	stat, err := f.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	if err != nil {
		return nil, Info{}, errors.Join(diskError("open "+key, err), f.Close())
	}
	return f, Info{Key: key, Size: stat.Size(), Modified: stat.ModTime()}, nil
}

// Delete implements Store.
func (d *Disk) Delete(ctx context.Context, key string) error {
	if err := validKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	shard, file := d.path(key)
	err := os.Remove(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncDir(shard)
	}
	if err != nil {
		return diskError("delete "+key, err)
	}
	return nil
}

// List implements Store.
func (d *Disk) List(ctx context.Context, prefix string, fn func(Info) error) error {
	shards, err := os.ReadDir(d.objects())
	if err != nil {
		return diskError("list", err)
	}
	for _, shard := range shards {
		if !shard.IsDir() {
			continue
		}
		if err := d.listShard(ctx, filepath.Join(d.objects(), shard.Name()), prefix, fn); err != nil {
			return err
		}
	}
	return nil
}

func (d *Disk) listShard(ctx context.Context, dir, prefix string, fn func(Info) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return diskError("list", err)
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := strings.ReplaceAll(entry.Name(), "~", "/")
		if !strings.HasPrefix(key, prefix) || strings.HasPrefix(key, probePrefix) || validKey(key) != nil {
			continue
		}
		stat, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // deleted since
			continue
		}
		if err != nil {
			return diskError("list "+key, err)
		}
		if err := fn(Info{Key: key, Size: stat.Size(), Modified: stat.ModTime()}); err != nil {
			return err
		}
	}
	return nil
}

// Check implements Store.
func (d *Disk) Check(ctx context.Context) error { return probe(ctx, d) }

// diskError gives an error of the file system its code.
func diskError(what string, err error) error {
	code := ErrUnreadable
	switch {
	case errors.Is(err, fs.ErrNotExist):
		code = ErrNotFound
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		code = ErrFull
	}
	return fmt.Errorf("%w: %s: %w", code, what, err)
}
