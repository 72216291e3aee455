package deptest

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the path that our own imports begin with.
const Module = "github.com/veridesk/veridesk"

// row is a row of the house. It may import the rows before it; members of one
// row never import each other.
type row struct {
	name    string
	members []string // directories from the module's root; "/*" is every directory below
	// why no row before this one may import it
	above string
	// why its members keep apart
	apart string
}

// rows is the house from the ground up, as in the architecture.
var rows = []row{
	{
		name: "0 vocabulary", members: []string{"internal/desk"},
	},
	{
		name: "1a text", members: []string{"internal/fold"},
		above: "the vocabulary stands on the standard library alone, so that everybody can speak it without paying for anything else",
	},
	{
		name: "1b pure rules", members: []string{"internal/guard", "internal/lookalike", "internal/terms", "internal/deadline", "internal/mailmsg"},
		above: "folding text is the ground of every rule and must not depend on one of them",
		apart: "each rule is ported to the browser, fuzzed and measured by itself; what one needs of another is passed in as a function",
	},
	{
		name: "1c triage", members: []string{"internal/triage"},
		above: "rules must not change because a classifier was trained anew",
	},
	{
		name: "2a infrastructure", members: []string{"internal/store", "internal/realtime", "internal/exchange", "internal/chain", "internal/vault"},
		above: "pure rules take values and give values: they run before a transaction, in fuzzers and in the browser, and never do input or output",
		apart: "each can be replaced or be away by itself; what has to happen together is put together by the domain",
	},
	{
		name: "2b durable work", members: []string{"internal/jobs", "internal/blob", "internal/channel"},
		above: "durable work stands on the store; what it stands on, and every pure rule, must not wait for it",
		apart: "a job's effect, a file and a channel meet in the domain, not underneath it",
	},
	{
		name: "2c on store and jobs", members: []string{"internal/backup", "internal/mailout"},
		above: "what is backed up must not know of backups, nor a job runner of the mails that it sends",
		apart: "a backup must be possible with no mail server in sight",
	},
	{
		name: "3a domain", members: []string{"internal/staff", "internal/customer", "internal/official", "internal/helpcenter"},
		above: "rules and infrastructure serve every domain and must not know one",
		apart: "staff, customers, registry and help center change for different reasons; inbox brings them together",
	},
	{
		name: "3b inbox", members: []string{"internal/inbox"},
		above: "inbox.Receive is the only orchestrator of a message; a package that it calls must not call it back",
	},
	{
		name: "3c work around the inbox", members: []string{"internal/guide", "internal/automation", "internal/emergency", "internal/appeal", "internal/announce"},
		above: "the hot path stays short: guide, automation and the lanes listen to the inbox, the inbox does not wait for them",
		apart: "each lane must work when another is switched off; the emergency lane above all",
	},
	{
		name: "3d insight", members: []string{"internal/insight"},
		above: "reports read everything and nothing depends on a report",
	},
	{
		name: "4 adapters", members: []string{"internal/channel/*"},
		above: "the domain knows desk.Inbound and desk.Outbound only; a new channel changes nothing but its own adapter",
		apart: "one platform's outage or change of interface must stay in its own adapter",
	},
	{
		name: "5a edge", members: []string{"internal/web"},
		above: "the domain speaks in error codes and values; HTTP, sessions and statuses are the edge's business",
	},
	{
		name: "5b resources", members: []string{"internal/api", "internal/site"},
		above: "handlers translate HTTP into calls; nothing that they call, and no middleware around them, may know them",
		apart: "the site must stay up from static files when the API is down; what both need is in the domain",
	},
	{
		name: "5c settings and samples", members: []string{"internal/config", "content"},
		above: "a package says in its own Config what it needs, and wiring translates; whoever reads settings or samples by itself cannot be tested without them",
		apart: "the samples are the same whatever the settings",
	},
	{
		name: "5c wiring", members: []string{"internal/app"},
		above: "wiring knows everybody, so whoever imports it knows everybody too: only cmd does",
	},
	{
		name: "5c commands", members: []string{"cmd/*"},
		above: "commands are the outermost shell",
	},
}

// testOnly are packages that only tests may import; they may import anything.
var testOnly = []string{"internal/testkit", "internal/testkit/*", "internal/store/storetest", "internal/blob/blobtest", "internal/channel/channeltest", "internal/deptest", "bench/*"}

// ban forbids packages of others, or of the standard library, to everyone but
// the named directories (only) or to the named rows (to).
type ban struct {
	path string   // the import, or a prefix ending in "/"
	only []string // directories that may
	to   []string // directories that may not; empty: all but only
	test bool     // test files are bound too
	why  string
}

var pure = []string{"internal/desk", "internal/fold", "internal/guard", "internal/lookalike", "internal/terms", "internal/deadline", "internal/mailmsg", "internal/triage"}

var bans = []ban{
	{path: "database/sql", only: []string{"internal/store"}, why: "SQL lives in internal/store, where both engines run it and the conformance suite covers it"},
	{path: "github.com/jackc/pgx/", only: []string{"internal/store"}, why: "the engine behind the store is the store's business"},
	{path: "modernc.org/sqlite", only: []string{"internal/store"}, why: "the engine behind the store is the store's business"},
	{path: "github.com/pressly/goose/", only: []string{"internal/store"}, why: "the schema changes in one place"},
	{path: "github.com/centrifugal/centrifuge", only: []string{"internal/realtime"}, why: "channel names, admission and presence are decided in one place; everybody else publishes through it"},
	{path: "github.com/minio/minio-go/", only: []string{"internal/blob"}, why: "files go through internal/blob, which disk and S3 pass the same suite for"},
	{path: "github.com/alecthomas/kong", only: []string{"cmd/*"}, why: "the command line is read in cmd alone"},
	{path: "github.com/BurntSushi/toml", only: []string{"internal/config"}, test: true, why: "settings come from one place, with one kind of error message"},
	{path: "net/http", to: []string{"internal/inbox"}, why: "every channel ends in inbox.Receive, and a mail has no HTTP request"},
	{path: "net/http", to: pure, why: "pure rules never do input or output"},
	{path: "net", to: pure, why: "pure rules never do input or output"},
	{path: "os/exec", to: pure, why: "pure rules never do input or output"},
	{path: "log", to: pure, why: "a rule sees text before the guard has cleaned it; a log line would keep a customer's secret"},
	{path: "log/slog", to: pure, why: "a rule sees text before the guard has cleaned it; a log line would keep a customer's secret"},
	{path: "math/rand", test: true, why: "math/rand/v2 has the same and seeds itself; for tokens use crypto/rand"},
	{path: "github.com/gorilla/websocket", only: []string{"internal/realtime"}, why: "sockets belong to internal/realtime; handlers there must not block"},
	{path: "io/ioutil", test: true, why: "it is deprecated: os and io have its functions"},
}

// matches reports whether the directory dir is one of patterns.
func matches(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if parent, ok := strings.CutSuffix(p, "/*"); ok {
			return strings.HasPrefix(dir, parent+"/")
		}
		return p == dir
	})
}

// rowOf returns the index of dir's row. A name in full goes before a pattern.
func rowOf(dir string) (int, bool) {
	i := slices.IndexFunc(rows, func(r row) bool { return slices.Contains(r.members, dir) })
	if i < 0 {
		i = slices.IndexFunc(rows, func(r row) bool { return matches(r.members, dir) })
	}
	return i, i >= 0
}

// within returns the member that owns dir: packages below a member belong to
// it, as store/migrations does to store.
func within(dir string) string {
	for d := dir; d != ""; {
		if matches(testOnly, d) {
			return d
		}
		if _, ok := rowOf(d); ok {
			return d
		}
		cut := strings.LastIndexByte(d, '/')
		if cut < 0 {
			break
		}
		d = d[:cut]
	}
	return dir
}

// judge says why the package in directory from may not import path, or "".
// inTest says that the import stands in a test file.
func judge(from, path string, inTest bool) string {
	from = within(from)
	if matches(testOnly, from) {
		return ""
	}
	to, ours := strings.CutPrefix(path, Module+"/")
	if !ours {
		return judgeForeign(from, path, inTest)
	}
	to = within(to)
	if to == from {
		return ""
	}
	if matches(testOnly, to) {
		if inTest {
			return ""
		}
		return "it is for tests only: it starts servers, or carries the weight of testing into the binary"
	}
	i, ok := rowOf(from)
	if !ok {
		return fmt.Sprintf("%s is in no row of the house: give it one in internal/deptest", from)
	}
	j, ok := rowOf(to)
	if !ok {
		return fmt.Sprintf("%s is in no row of the house: give it one in internal/deptest", to)
	}
	switch {
	case j < i:
		return ""
	case j == i:
		return fmt.Sprintf("both are in row %q: %s", rows[i].name, rows[i].apart)
	}
	return fmt.Sprintf("%s is in row %q, and row %q stands before it: %s", to, rows[j].name, rows[i].name, rows[j].above)
}

func judgeForeign(from, path string, inTest bool) string {
	if from == "internal/desk" && !inTest && strings.Contains(path, ".") {
		return rows[1].above
	}
	for _, b := range bans {
		hit := path == b.path || (strings.HasSuffix(b.path, "/") && strings.HasPrefix(path, b.path))
		if !hit || (inTest && !b.test) {
			continue
		}
		bound := !matches(b.only, from)
		if len(b.to) > 0 {
			bound = matches(b.to, from)
		}
		if bound {
			return b.why
		}
	}
	return ""
}
