package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/veridesk/veridesk/internal/backup"
	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

type backupCmd struct {
	settingsFlags
	Path         string `arg:"" name:"file" help:"File to write; it must not exist."`
	WithoutFiles bool   `help:"Leave out the uploaded files, when the bucket or folder is saved by other means."`
}

func (c *backupCmd) Run(e *env) error {
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	key, err := vault.Open(vault.Source{Value: cfg.MasterKey, File: cfg.MasterKeyFile})
	if err != nil {
		return fmt.Errorf("%w (a backup names the key that its secrets need)", err)
	}
	opts := backup.Options{VaultKeyID: key.KeyID()}
	if !c.WithoutFiles {
		blobs, err := openBlobs(e.ctx, cfg)
		if err != nil {
			return err
		}
		opts.Files = files{blobs}
	}
	return withStore(e.ctx, cfg, false, func(s *store.Store) error {
		r, err := backup.BackupFile(e.ctx, s, c.Path, opts)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%s: %d rows and %d files, read back and checked\nkeep the master key %s apart from it; one without the other is worth nothing\n", c.Path, r.Rows(), r.Files, r.VaultKeyID)
		return err
	})
}

type restoreCmd struct {
	settingsFlags
	Path    string `arg:"" name:"file" type:"existingfile" help:"Backup to read."`
	Check   bool   `help:"Only check the backup; change nothing."`
	Replace bool   `help:"Delete what is in the database first, instead of refusing."`
}

func (c *restoreCmd) Run(e *env) error {
	if c.Check {
		r, err := backup.VerifyFile(e.ctx, c.Path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%s is whole: made %s from %s, schema version %d, %d rows, %d files, needs the master key %s\n",
			c.Path, r.CreatedAt.Format("2006-01-02 15:04:05 MST"), r.Engine, r.Schema, r.Rows(), r.Files, r.VaultKeyID)
		return err
	}
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	key, err := vault.Open(vault.Source{Value: cfg.MasterKey, File: cfg.MasterKeyFile})
	if err != nil {
		return fmt.Errorf("%w (put the key of the backup in its place first)", err)
	}
	blobs, err := openBlobs(e.ctx, cfg)
	if err != nil {
		return err
	}
	return withStore(e.ctx, cfg, true, func(s *store.Store) error {
		r, err := backup.RestoreFile(e.ctx, s, c.Path, backup.RestoreOptions{Replace: c.Replace, HoldsKey: key.Holds, Files: files{blobs}})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%d rows and %d files of %s restored into %s; everybody signs in again\n",
			r.Rows(), r.Files, r.CreatedAt.Format("2006-01-02 15:04:05 MST"), s.Engine())
		return err
	})
}

func openBlobs(ctx context.Context, cfg config.Config) (blob.Store, error) {
	if cfg.Blob != "s3" {
		return blob.OpenDisk(cfg.BlobDir())
	}
	return blob.OpenS3(ctx, blob.S3Config{
		Endpoint: cfg.S3.Endpoint, Bucket: cfg.S3.Bucket, Prefix: cfg.S3.Prefix, Region: cfg.S3.Region,
		AccessKey: cfg.S3.AccessKey, SecretKey: cfg.S3.SecretKey, Insecure: !cfg.S3.TLS,
	})
}

// files lets a backup read and write a blob store.
type files struct{ blobs blob.Store }

func (f files) List(ctx context.Context, fn func(key string) error) error {
	return f.blobs.List(ctx, "", func(i blob.Info) error { return fn(i.Key) })
}

func (f files) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	r, info, err := f.blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, 0, desk.Wrap(desk.NotFound, "the file is gone", err)
	}
	if err != nil {
		return nil, 0, err
	}
	return r, info.Size, nil
}

func (f files) Put(ctx context.Context, key string, content io.Reader, size int64) error {
	_, err := f.blobs.Put(ctx, key, content, size)
	return err
}
