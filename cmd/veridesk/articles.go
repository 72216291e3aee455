package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
)

type articlesCmd struct {
	Search articlesSearchCmd `cmd:"" help:"Search a file of articles: one {\"id\",\"query\"} per line in, one {\"id\",\"hits\"} per line out, best first."`
	Import articlesImportCmd `cmd:"" help:"Take over a folder of articles (Markdown with front matter, pictures), all of it or nothing."`
	Export articlesExportCmd `cmd:"" help:"Write the articles and their pictures as a folder, in the form that import reads."`
}

type articlesImportCmd struct {
	Dir    string `arg:"" help:"Folder with categories.yaml and articles/."`
	Prune  bool   `help:"Archive what readers see and the folder does not hold."`
	DryRun bool   `help:"Only say what would be done, and what is wrong."`
	settingsFlags
}

func (c *articlesImportCmd) Run(e *env) error {
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return fmt.Errorf("the folder cannot be read: %w; check the path", err)
	}
	defer root.Close() //nolint:errcheck // it was only read
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	return withHelpCenter(e, cfg, true, func(hc *helpcenter.Center) error {
		// A root follows no link out of the folder.
		r, err := hc.ImportFolder(e.ctx, root.FS(), helpcenter.ImportOptions{Prune: c.Prune, DryRun: c.DryRun})
		var wrong *helpcenter.ImportError
		if errors.As(err, &wrong) {
			for _, p := range wrong.Problems {
				fmt.Fprintln(e.stderr, filepath.Join(c.Dir, filepath.FromSlash(p.File))+strings.TrimPrefix(p.String(), p.File))
			}
			return fmt.Errorf("nothing was imported: %d problem(s), listed above with file and line; mend them and import again", len(wrong.Problems))
		}
		if err != nil {
			return err
		}
		for _, p := range r.Warnings {
			fmt.Fprintln(e.stderr, "warning:", p)
		}
		done := "imported"
		if c.DryRun {
			done = "would be imported"
		}
		_, err = fmt.Fprintf(e.stdout, "%s: %d text(s) and %d picture(s); articles: %d new, %d changed, %d as they were; %d text(s) archived\n",
			done, r.Texts, r.Pictures, r.Created, r.Updated, r.Unchanged, r.Archived)
		return err
	})
}

type articlesExportCmd struct {
	Dir    string `arg:"" help:"Folder to write; it is made when it is not there."`
	Locale string `help:"Only the texts of this language (en, zh-CN, zh-TW)."`
	Force  bool   `help:"Write into a folder that holds something already, replacing files of the same name."`
	settingsFlags
}

func (c *articlesExportCmd) Run(e *env) error {
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	if entries, err := os.ReadDir(c.Dir); err == nil && len(entries) > 0 && !c.Force {
		return fmt.Errorf("%s is not empty; choose another folder, or --force to replace files of the same name", c.Dir)
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("the folder cannot be made: %w", err)
	}
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return fmt.Errorf("the folder cannot be opened: %w", err)
	}
	defer root.Close() //nolint:errcheck // every file was closed by itself
	return withHelpCenter(e, cfg, false, func(hc *helpcenter.Center) error {
		r, err := hc.Export(e.ctx, c.Locale, func(name string, data []byte) error {
			name = filepath.FromSlash(name)
			if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
			return root.WriteFile(name, data, 0o644)
		})
		if err != nil {
			return err
		}
		for _, path := range r.Missing {
			fmt.Fprintln(e.stderr, "warning: the file of picture", path, "is gone from the file store")
		}
		_, err = fmt.Fprintf(e.stdout, "exported: %d text(s), %d draft(s) beside them and %d picture(s)\n", r.Texts, r.Drafts, r.Pictures)
		return err
	})
}

// withHelpCenter opens the articles of an installation for one piece of work.
// Writing needs the database for itself on SQLite (stop the server); PostgreSQL
// takes it as one more node. Reading goes on beside a server.
func withHelpCenter(e *env, cfg config.Config, writing bool, work func(*helpcenter.Center) error) error {
	return withStore(e.ctx, cfg, writing, func(s *store.Store) error {
		if err := ready(e, s, writing); err != nil {
			return err
		}
		blobs, err := openBlobs(e.ctx, cfg)
		if err != nil {
			return err
		}
		hc, err := helpcenter.New(e.ctx, helpcenter.Config{Store: s, Blobs: blobs})
		if err != nil {
			return err
		}
		return errors.Join(work(hc), hc.Close())
	})
}

func ready(e *env, s *store.Store, writing bool) error {
	if writing {
		if _, err := s.Migrate(e.ctx); err != nil {
			return err
		}
		return s.Start(e.ctx)
	}
	have, want, err := s.Version(e.ctx)
	if err == nil && have != want {
		err = fmt.Errorf("the database has schema version %d and this binary needs %d; run veridesk migrate first", have, want)
	}
	return err
}
