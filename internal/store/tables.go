package store

import (
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// Kind is what a column holds, in words that both engines share.
type Kind string

// The kinds.
const (
	Int   Kind = "int"   // int64
	Bool  Kind = "bool"  // bool
	Text  Kind = "text"  // string
	Bytes Kind = "bytes" // []byte
)

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Table is a table of the schema, as found in the database.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	key     []string // primary key, in order
	parents []string // tables that its foreign keys name
	engine  Engine
}

// Tables lists the tables that migrations made, each after those its foreign
// keys refer to. The message index (search_…) is derived and not listed.
func (q Query) Tables() ([]Table, error) {
	find := q.postgresTables
	if q.s.engine == SQLite {
		find = q.liteTables
	}
	found, err := find()
	if err != nil {
		return nil, err
	}
	return inOrder(found)
}

// inOrder sorts tables so that parents come first, by name among equals.
func inOrder(found map[string]*Table) ([]Table, error) {
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	out := make([]Table, 0, len(names))
	placed := map[string]bool{}
	for len(out) < len(names) {
		before := len(out)
		for _, name := range names {
			t := found[name]
			missing := slices.ContainsFunc(t.parents, func(p string) bool { return p != name && !placed[p] })
			if !placed[name] && !missing {
				placed[name] = true
				out = append(out, *t)
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("the foreign keys of the schema go round in a circle")
		}
	}
	return out, nil
}

// description is one line of what an engine says about its tables: a column, a
// part of the primary key or a foreign key.
type description struct{ kind, table, name, typ string }

func (q Query) describe(query string) (map[string]*Table, error) {
	lines, err := collect(q, func(r scanner) (d description, err error) {
		err = r.Scan(&d.kind, &d.table, &d.name, &d.typ)
		return d, err
	}, query)
	if err != nil {
		return nil, err
	}
	found := map[string]*Table{}
	for _, d := range lines {
		if d.table == "goose_db_version" || strings.HasPrefix(d.table, "search_") || strings.HasPrefix(d.table, "sqlite_") {
			continue
		}
		t := found[d.table]
		if t == nil {
			t = &Table{Name: d.table, engine: q.s.engine}
			found[d.table] = t
		}
		switch d.kind {
		case "1 column":
			kind, ok := kinds[strings.ToLower(d.typ)]
			if !ok {
				return nil, fmt.Errorf("column %s.%s has the type %s, which is not one that both engines have", d.table, d.name, d.typ)
			}
			t.Columns = append(t.Columns, Column{d.name, kind})
		case "2 key":
			t.key = append(t.key, d.name)
		case "3 parent":
			t.parents = append(t.parents, d.name)
		}
	}
	return found, nil
}

var kinds = map[string]Kind{
	"integer": Int, "bigint": Int, "smallint": Int, "boolean": Bool,
	"text": Text, "character varying": Text, "blob": Bytes, "bytea": Bytes,
}

func (q Query) liteTables() (map[string]*Table, error) {
	return q.describe(`SELECT part, tab, name, type FROM (
			SELECT '1 column' AS part, t.name AS tab, c.name AS name, c.type AS type, c.cid AS place
				FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'
			UNION ALL SELECT '2 key', t.name, c.name, '', c.pk
				FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.pk > 0
			UNION ALL SELECT '3 parent', t.name, f."table", '', 0
				FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
		) ORDER BY part, tab, place`)
}

func (q Query) postgresTables() (map[string]*Table, error) {
	return q.describe(`SELECT part, tab, name, type FROM (
			SELECT '1 column' AS part, c.table_name::text AS tab, c.column_name::text AS name, c.data_type::text AS type, c.ordinal_position::int AS place
				FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
				WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE 'search\_%'
			UNION ALL SELECT '2 key', k.table_name, k.column_name, '', k.ordinal_position
				FROM information_schema.key_column_usage k JOIN information_schema.table_constraints t USING (constraint_schema, constraint_name)
				WHERE k.table_schema = current_schema() AND t.constraint_type = 'PRIMARY KEY'
			UNION ALL SELECT '3 parent', p.conrelid::regclass::text, p.confrelid::regclass::text, '', 0
				FROM pg_constraint p JOIN pg_namespace n ON n.oid = p.connamespace
				WHERE p.contype = 'f' AND n.nspname = current_schema()
		) AS found ORDER BY part, tab, place`)
}

// Count returns the number of rows of t.
func (q Query) Count(t Table) (n int64, err error) {
	err = q.row(`SELECT COUNT(*) FROM ` + quoted(t.Name)).scan(&n)
	return n, err
}

// Rows walks the rows of t by primary key, in the same order on both engines.
// A row has one value per column: nil, int64, bool, string or []byte. It is
// valid until the next one.
func (q Query) Rows(t Table) iter.Seq2[[]any, error] {
	names, order := make([]string, len(t.Columns)), make([]string, len(t.key))
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	for i, name := range t.key {
		order[i] = quoted(name)
		at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		if t.engine == Postgres && t.Columns[at].Kind == Text {
			order[i] += ` COLLATE "C"` // by bytes, as SQLite does
		}
	}
	query := `SELECT ` + strings.Join(names, ", ") + ` FROM ` + quoted(t.Name)
	if len(order) > 0 {
		query += ` ORDER BY ` + strings.Join(order, ", ")
	}
	read := rowReader(t.Columns)
	return each(q, read, query)
}

// rowReader returns a scan function for rows of columns. It uses the same memory
// for every row.
func rowReader(columns []Column) func(scanner) ([]any, error) {
	dest, values := make([]any, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		switch c.Kind {
		case Int:
			dest[i] = new(sql.NullInt64)
		case Bool:
			dest[i] = new(sql.NullBool)
		case Text:
			dest[i] = new(sql.NullString)
		default:
			dest[i] = new(any) // *[]byte would not tell an empty value of SQLite from NULL
		}
	}
	return func(r scanner) ([]any, error) {
		if err := r.Scan(dest...); err != nil {
			return nil, err
		}
		for i, d := range dest {
			values[i] = nil
			switch d := d.(type) {
			case *sql.NullInt64:
				if d.Valid {
					values[i] = d.Int64
				}
			case *sql.NullBool:
				if d.Valid {
					values[i] = d.Bool
				}
			case *sql.NullString:
				if d.Valid {
					values[i] = d.String
				}
			case *any:
				switch b := (*d).(type) {
				case nil:
				case []byte:
					values[i] = append([]byte{}, b...)
				case string:
					values[i] = []byte(b)
				default:
					return nil, fmt.Errorf("column %s holds %T instead of bytes", columns[i].Name, b)
				}
			}
		}
		return values, nil
	}
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// liveNodes counts the nodes whose lease has not run out.
func (q Query) liveNodes() (n int64, err error) {
	now, err := q.DatabaseNow()
	if err != nil {
		return 0, err
	}
	err = q.row(`SELECT COUNT(*) FROM node WHERE lease_until > $1`, now).scan(&n)
	return n, err
}

var errNodeRunning = desk.Errorf(desk.Conflict, "a node is still using this database; stop every node first (one that crashed is forgotten after a minute)")
