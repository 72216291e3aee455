package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
	"github.com/veridesk/veridesk/internal/testkit/redistest"
	"github.com/veridesk/veridesk/internal/testkit/s3test"
	"github.com/veridesk/veridesk/internal/vault"
)

// diagnose runs the doctor and returns the state and the text of each check.
func diagnose(t *testing.T, environ []string, args ...string) (code int, state, text map[string]string) {
	t.Helper()
	got := veridesk(t, "", environ, append([]string{"doctor", "--json"}, args...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(got.out), &d); err != nil {
		t.Fatalf("%v: %s%s", err, got.out, got.errors)
	}
	if d.OK != (got.code == exitOK) {
		t.Errorf("ok is %v and the exit code %d", d.OK, got.code)
	}
	state, text = map[string]string{}, map[string]string{}
	for _, f := range d.Checks {
		state[f.Name], text[f.Name] = f.State, f.Detail+" → "+f.Mend
		if (f.State == stateFail || f.State == stateWarn) && f.Mend == "" {
			t.Errorf("%s does not say how to mend it: %s", f.Name, f.Detail)
		}
	}
	return got.code, state, text
}

func masterKey(t *testing.T, file string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(vault.Source{File: file, Create: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func remember(t *testing.T, url string, v *vault.Vault) {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(context.Background(), func(tx *store.Tx) error { return tx.SetMeta(store.MetaMasterKey, []byte(v.KeyID())) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// The doctor leaves a fresh installation untouched, and after the first start
// finds everything in order.
func TestDoctorOnOneMachine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	code, state, _ := diagnose(t, nil, "--data", data)
	if code != exitOK || state["data folder"] != stateWarn || state["database"] != stateWarn || state["master key"] != stateWarn {
		t.Errorf("before the first start: code %d, %v", code, state)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the doctor made the data folder: %v", err)
	}
	if got := veridesk(t, "", nil, "migrate", "--data", data); got.code != exitOK || !strings.Contains(got.out, "from version 0") {
		t.Fatalf("migrate: %+v", got)
	}
	if got := veridesk(t, "", nil, "migrate", "--data", data); got.code != exitOK || !strings.Contains(got.out, "already") {
		t.Fatalf("migrate again: %+v", got)
	}
	v := masterKey(t, filepath.Join(data, "master.key"))
	remember(t, "sqlite:"+filepath.Join(data, "veridesk.db"), v)
	code, state, text := diagnose(t, nil, "--data", data)
	for _, name := range []string{"settings", "data folder", "disk space", "database", "clock", "master key"} {
		if state[name] != stateOK && (name != "disk space" || state[name] == "") {
			t.Errorf("%s is %q: %s", name, state[name], text[name])
		}
	}
	if code != exitOK {
		t.Errorf("code %d: %v", code, text)
	}
}

// The wrong key is told before a server starts with it and cannot read what the
// other one has wrapped.
func TestDoctorKnowsTheWrongKey(t *testing.T) {
	data := t.TempDir()
	if got := veridesk(t, "", nil, "migrate", "--data", data); got.code != exitOK {
		t.Fatal(got.errors)
	}
	remember(t, "sqlite:"+filepath.Join(data, "veridesk.db"), masterKey(t, filepath.Join(t.TempDir(), "other.key")))
	code, state, text := diagnose(t, nil, "--data", data)
	if code != exitError || state["master key"] != stateFail {
		t.Errorf("a missing key: code %d, %v", code, text["master key"])
	}
	masterKey(t, filepath.Join(data, "master.key"))
	code, state, text = diagnose(t, nil, "--data", data)
	if code != exitError || state["master key"] != stateFail || !strings.Contains(text["master key"], "was used with") {
		t.Errorf("a wrong key: code %d, %v", code, text["master key"])
	}
}

func TestDoctorTellsWhatIsBroken(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("not a database, and long enough to be looked at as one"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, state, text := diagnose(t, nil, "--data", file, "-s", "database=sqlite:"+file,
		"-s", "redis=redis://:hunter2@127.0.0.1:1/0", "-s", "clamd=127.0.0.1:1", "-s", "smtp.host=127.0.0.1", "-s", "smtp.port=1", "-s", "smtp.from=a@b.example",
		"-s", "blob=s3", "-s", "s3.endpoint=127.0.0.1:1", "-s", "s3.bucket=b", "-s", "s3.access_key=a", "-s", "s3.secret_key=hunter2", "-s", "s3.tls=false")
	if code != exitError {
		t.Errorf("code %d", code)
	}
	for _, name := range []string{"data folder", "database", "redis", "files", "smtp", "virus scan"} {
		if state[name] != stateFail {
			t.Errorf("%s is %q: %s", name, state[name], text[name])
		}
		if strings.Contains(text[name], "hunter2") {
			t.Errorf("%s tells a password: %s", name, text[name])
		}
	}
	code, state, text = diagnose(t, []string{"VERIDESK_LISTEN=nonsense"})
	if code != exitError || state["settings"] != stateFail || !strings.Contains(text["settings"], "VERIDESK_LISTEN") {
		t.Errorf("wrong settings: %d %v", code, text)
	}
}

// The shape of an installation of many nodes, against real servers.
func TestDoctorWithRealServers(t *testing.T) {
	dir := t.TempDir()
	database := pgtest.Start(t)
	redis := redistest.Start(t)
	s3 := s3test.Start(t)
	key := filepath.Join(dir, "master.key")
	args := []string{
		"--data", dir, "-s", "database=" + database, "-s", "redis=redis://" + redis + "/0", "-s", "master_key_file=" + key,
		"-s", "blob=s3", "-s", "s3.endpoint=" + s3.Endpoint, "-s", "s3.bucket=" + s3.Bucket, "-s", "s3.access_key=" + s3.AccessKey, "-s", "s3.secret_key=" + s3.SecretKey, "-s", "s3.tls=false",
	}
	if got := veridesk(t, "", nil, append([]string{"migrate"}, args...)...); got.code != exitOK {
		t.Fatal(got.errors)
	}
	remember(t, database, masterKey(t, key))
	code, state, text := diagnose(t, nil, args...)
	for _, name := range []string{"settings", "data folder", "database", "clock", "master key", "redis", "files"} {
		if state[name] != stateOK {
			t.Errorf("%s is %q: %s", name, state[name], text[name])
		}
	}
	if code != exitOK {
		t.Errorf("code %d", code)
	}
}

// An operator who lost the first link gets another one, until somebody has
// signed up; afterwards nobody gets in this way.
func TestSetupLink(t *testing.T) {
	data := t.TempDir()
	if got := veridesk(t, "", nil, "setup-link", "--data", data); got.code != exitError || !strings.Contains(got.errors, "veridesk migrate") {
		t.Errorf("before there is a schema: %+v", got)
	}
	if got := veridesk(t, "", nil, "migrate", "--data", data); got.code != exitOK {
		t.Fatal(got.errors)
	}
	if got := veridesk(t, "", nil, "setup-link", "--data", data); got.code != exitError || !strings.Contains(got.errors, "key") {
		t.Errorf("before there is a key: %+v", got)
	}
	masterKey(t, filepath.Join(data, "master.key"))
	got := veridesk(t, "", nil, "setup-link", "--data", data, "-s", "public_url=https://help.example")
	if got.code != exitOK || !strings.HasPrefix(got.out, "https://help.example/console/setup/") || strings.Count(got.out, "\n") != 1 {
		t.Errorf("the link: %+v", got)
	}
	if got := veridesk(t, "", nil, "reset-password", "nobody@meridian.example", "--data", data); got.code != exitError || !strings.Contains(got.errors, "nobody@meridian.example") {
		t.Errorf("a new password for nobody: %+v", got)
	}
}

// The way from one machine to many: a backup of SQLite restores into
// PostgreSQL, with its files, and into nothing that holds data already.
func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	old := []string{"--data", filepath.Join(dir, "old")}
	key := "master_key_file=" + filepath.Join(dir, "old", "master.key")
	if got := veridesk(t, "", nil, append([]string{"migrate"}, old...)...); got.code != exitOK {
		t.Fatal(got.errors)
	}
	remember(t, "sqlite:"+filepath.Join(dir, "old", "veridesk.db"), masterKey(t, filepath.Join(dir, "old", "master.key")))
	putFile(t, old, "attachments/1", "a screenshot")
	path := filepath.Join(dir, "desk.backup")
	got := veridesk(t, "", nil, append([]string{"backup", path}, old...)...)
	if got.code != exitOK || !strings.Contains(got.out, "1 files, read back and checked") {
		t.Fatalf("backup: %+v", got)
	}
	if got := veridesk(t, "", nil, append([]string{"backup", path}, old...)...); got.code != exitError || got.errors == "" {
		t.Errorf("an earlier backup was overwritten: %+v", got)
	}
	if got := veridesk(t, "", nil, "restore", "--check", path); got.code != exitOK || !strings.Contains(got.out, "is whole") {
		t.Errorf("check: %+v", got)
	}
	target := []string{"--data", filepath.Join(dir, "new"), "-s", "database=" + pgtest.Start(t), "-s", key}
	if got := veridesk(t, "", nil, append([]string{"restore", path}, target...)...); got.code != exitOK || !strings.Contains(got.out, "into postgres") {
		t.Fatalf("restore: %+v", got)
	}
	if got := veridesk(t, "", nil, append([]string{"restore", path}, target...)...); got.code != exitError {
		t.Errorf("a restore over existing data: %+v", got)
	}
	if got := veridesk(t, "", nil, append([]string{"restore", "--replace", path}, target...)...); got.code != exitOK {
		t.Errorf("a restore that was told to replace: %+v", got)
	}
	if text := getFile(t, target, "attachments/1"); text != "a screenshot" {
		t.Errorf("the file holds %q", text)
	}
	if code, state, text := diagnose(t, nil, target...); code != exitOK || state["master key"] != stateOK {
		t.Errorf("after the restore: %v", text)
	}
	damaged := filepath.Join(dir, "damaged")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, whole[:len(whole)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	if got := veridesk(t, "", nil, "restore", "--check", damaged); got.code != exitError {
		t.Errorf("a backup that was cut off: %+v", got)
	}
	if got := veridesk(t, "", nil, "restore", path, "--data", filepath.Join(dir, "keyless")); got.code != exitError || !strings.Contains(got.errors, "key") {
		t.Errorf("a restore without the key: %+v", got)
	}
}

func blobsOf(t *testing.T, args []string) files {
	t.Helper()
	blobs, err := openBlobs(context.Background(), config.Config{Blob: "disk", Data: args[1]})
	if err != nil {
		t.Fatal(err)
	}
	return files{blobs}
}

func putFile(t *testing.T, args []string, key, text string) {
	t.Helper()
	if err := blobsOf(t, args).Put(context.Background(), key, strings.NewReader(text), int64(len(text))); err != nil {
		t.Fatal(err)
	}
}

func getFile(t *testing.T, args []string, key string) string {
	t.Helper()
	r, _, err := blobsOf(t, args).Open(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}
