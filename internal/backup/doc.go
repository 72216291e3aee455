// Package backup writes the whole installation's data to one file while it runs,
// and reads it back into either engine: a backup of SQLite restores into
// PostgreSQL and the other way round.
//
// # Format
//
// A Zstandard stream of lines, each one JSON value:
//
//	{"veridesk_backup":1,"schema":1,"engine":"sqlite","created_at":"…","vault_key_id":"…",
//	 "tables":[{"name":"team","columns":[{"name":"id","kind":"int"},…],"rows":2},…]}
//	{"table":"team"}
//	[123,"First line","","",1700000000000000]        one array per row, columns in order
//	{"table_end":{"name":"team","rows":2,"sha256":"…"}}
//	…                                                every table of the manifest, in its order
//	{"file":{"key":"2026/ab12.png","size":5}}        stored files, when they were asked for
//	"aGVsbG8="                                       their content in pieces
//	{"file_end":{"key":"…","size":5,"sha256":"…"}}
//	{"end":{"tables":24,"files":1,"sha256":"…"}}
//
// Kinds are int (64 bits), bool, text and bytes (base64); text that is not UTF-8
// is {"base64":"…"}. A table's SHA-256 covers its row lines with their line feeds,
// and rows are ordered by primary key with text compared by bytes, so equal data
// has equal sums on both engines. The sum at the end covers everything before
// it: a file without its last line is not a backup.
//
// All tables are read in one snapshot: the backup shows one moment, whatever is
// written meanwhile. Files follow the rows; a file is stored before the row that
// names it and never changes, so every file that the rows name is there unless it
// was deleted meanwhile.
//
// # What is not carried
//
// node (leases of running processes), session and ceremony (whoever holds a
// backup must not hold anybody's sign-in, and one that was revoked must not come
// back: everybody signs in again), throttle (counts of minutes), and the message
// index, which is built from the messages. Secrets in the rows are wrapped by the
// master key, which is not in the backup: keep it apart; the manifest names it.
//
// Jobs are carried in the state they had. One that was running then has a lease
// that has run out and is run again, like after a crash.
//
// # Restoring
//
// Everything happens in one transaction that commits after the last sum was
// found right: whatever goes wrong before leaves the target as it was. The target
// must be empty, unless told to replace what is there, and no node may use it. A
// backup of an earlier schema is loaded into that schema, then migrated; one of a
// later schema is refused.
package backup
