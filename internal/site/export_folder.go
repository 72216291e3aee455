package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// exportMark tells an earlier export from somebody's folder.
const exportMark = ".veridesk-export"

// exportFolder is a folder that takes the place of another one when it is
// complete.
type exportFolder struct {
	dir   string // where it is to be
	temp  string // where it is made, beside dir
	files int
	bytes int64
}

// newExportFolder begins a folder that will be dir. One that is there already
// must be empty or an earlier export, unless force is set.
func newExportFolder(dir string, force bool) (*exportFolder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of the export: %w", err)
	}
	if target, err := filepath.EvalSymlinks(dir); err == nil {
		dir = target // what a link leads to is replaced, the link stays
	}
	if err := mayReplace(dir, force); err != nil {
		return nil, err
	}
	parent := filepath.Dir(dir)
	if parent == dir {
		return nil, desk.Errorf(desk.Invalid, "%s is no folder to export to", dir)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil { //nolint:gosec // for a web server to read
		return nil, fmt.Errorf("the folder of the export: %w", err)
	}
	temp, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".new-")
	if err != nil {
		return nil, fmt.Errorf("the export is made beside %s first: %w", dir, err)
	}
	f := &exportFolder{dir: dir, temp: temp}
	if err := os.Chmod(temp, 0o755); err != nil { //nolint:gosec // for a web server to read
		f.discard()
		return nil, fmt.Errorf("the folder of the export: %w", err)
	}
	return f, f.add(exportMark, []byte("Written by veridesk site export; the next export replaces this folder.\n"))
}

func mayReplace(dir string, force bool) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the folder of the export: %w", err)
	}
	if !info.IsDir() {
		return desk.Errorf(desk.Conflict, "%s is not a folder; name another place", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("the folder of the export: %w", err)
	}
	if len(entries) == 0 || force {
		return nil
	}
	if _, err := os.Lstat(filepath.Join(dir, exportMark)); err != nil {
		return desk.Errorf(desk.Conflict, "%s holds files that are no earlier export (there is no %s in it); name another folder, or replace everything in it with --force", dir, exportMark)
	}
	return nil
}

// add writes a file; name is its path within the folder, with slashes.
func (f *exportFolder) add(name string, body []byte) error {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:*?\"<>|\x00") {
		return desk.Errorf(desk.Invalid, "%q cannot be the name of a file", name)
	}
	path := filepath.Join(f.temp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // for a web server to read
		return fmt.Errorf("write %s: %w", name, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // for a web server to read
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = file.Write(body)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if name != exportMark {
		f.files++
		f.bytes += int64(len(body))
	}
	return nil
}

// keep puts the folder in its place. Readers see the old one or the new one,
// but for the instant between two renames.
func (f *exportFolder) keep() error {
	old := ""
	if _, err := os.Lstat(f.dir); err == nil {
		old = f.temp + ".old"
		if err := os.Rename(f.dir, old); err != nil {
			return fmt.Errorf("%s cannot be replaced (if something is mounted there, export to a folder within it): %w", f.dir, err)
		}
	}
	if err := os.Rename(f.temp, f.dir); err != nil {
		err = fmt.Errorf("put the export in its place: %w", err)
		if old != "" {
			err = errors.Join(err, os.Rename(old, f.dir))
		}
		return err
	}
	f.temp = ""
	if old != "" {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("the export is in its place; the one before could not be removed: %w", err)
		}
	}
	return nil
}

// discard removes what was not kept.
func (f *exportFolder) discard() {
	if f.temp != "" {
		_ = os.RemoveAll(f.temp) // the error that led here is the one to tell
	}
}
