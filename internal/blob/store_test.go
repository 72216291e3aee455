package blob_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/blob/blobtest"
)

func TestDisk(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, err := blob.OpenDisk(filepath.Join(t.TempDir(), "files"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestS3(t *testing.T) {
	service := blobtest.S3(t)
	for name, prefix := range map[string]string{"own bucket": "", "shared bucket": "veridesk/eu/"} {
		t.Run(name, func(t *testing.T) {
			blobtest.Run(t, func(t *testing.T) blob.Store {
				cfg := service()
				cfg.Prefix = prefix
				s, err := blob.OpenS3(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				return s
			})
		})
	}
	t.Run("wrong settings are told apart", func(t *testing.T) {
		noBucket := service()
		noBucket.Create = false
		wrongKey := service()
		wrongKey.SecretKey = "wrong"
		down := service()
		down.Endpoint, down.Retries = "127.0.0.1:1", 1
		badPrefix := service()
		badPrefix.Prefix = "x"
		for name, c := range map[string]struct {
			cfg  blob.S3Config
			want error
		}{
			"no bucket": {noBucket, blob.ErrNotFound}, "wrong key": {wrongKey, blob.ErrUnreadable},
			"service down": {down, blob.ErrUnreadable}, "prefix": {badPrefix, blob.ErrBadKey},
		} {
			if _, err := blob.OpenS3(t.Context(), c.cfg); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	})
}

func TestUnfinishedFilesAreClearedAfterADay(t *testing.T) {
	dir := t.TempDir()
	if _, err := blob.OpenDisk(dir); err != nil {
		t.Fatal(err)
	}
	old, fresh := filepath.Join(dir, "tmp", "put-old"), filepath.Join(dir, "tmp", "put-fresh")
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenDisk(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the stale file is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("another process's unfinished file was taken away: %v", err)
	}
}

func TestDataFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenDisk(file); !errors.Is(err, blob.ErrUnreadable) {
		t.Errorf("a file as folder: %v, want ErrUnreadable", err)
	}
}
