package store

// What the conformance tests in store_test need beyond the public interface.

// Exec runs a statement.
func (tx *Tx) Exec(query string, args ...any) (int64, error) { return tx.exec(query, args...) }

// ExecOne runs a statement that must touch a row.
func (tx *Tx) ExecOne(query string, args ...any) error { return tx.execOne(query, args...) }

// One reads one row into dest.
func (q Query) One(query string, args []any, dest ...any) error {
	return q.row(query, args...).scan(dest...)
}

// Int reads one number.
func (q Query) Int(query string, args ...any) (n int64, err error) {
	err = q.row(query, args...).scan(&n)
	return n, err
}

// Strings reads the first column.
func (q Query) Strings(query string, args ...any) ([]string, error) {
	return collect(q, func(r scanner) (v string, err error) {
		err = r.Scan(&v)
		return v, err
	}, query, args...)
}

// NextCount is nextCount.
func (tx *Tx) NextCount(name string, first int64) (int64, error) { return tx.nextCount(name, first) }

// Statements is how many statement texts are kept prepared for reading.
func (s *Store) Statements() (n int) {
	s.stmts.Range(func(_, _ any) bool { n++; return true })
	return n
}

// PoolSize is the most connections that are made to PostgreSQL.
func (s *Store) PoolSize() int { return int(s.pool.Config().MaxConns) }
