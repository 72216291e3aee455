package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
)

// MetaMasterKey is the key under which the database remembers which master key
// (vault.KeyID) it belongs to.
const MetaMasterKey = "vault.key_id"

// Meta returns a value of the installation, or a NotFound error.
func (q Query) Meta(key string) ([]byte, error) {
	var v []byte
	err := q.row(`SELECT value FROM meta WHERE key = $1`, key).scan(&v)
	return v, err
}

// SetMeta stores a value of the installation.
func (tx *Tx) SetMeta(key string, value []byte) error {
	_, err := tx.exec(`INSERT INTO meta (key, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, key, value, tx.Now())
	return err
}

// MetaOnce stores a value unless there is one and returns the one that holds:
// among nodes that start at once, one decides.
func (tx *Tx) MetaOnce(key string, value []byte) ([]byte, error) {
	_, err := tx.exec(`INSERT INTO meta (key, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`, key, value, tx.Now())
	if err != nil {
		return nil, err
	}
	return tx.Meta(key)
}

// version reads an opaque meta value that changes with what it stands for.
func (q Query) version(key string) (string, error) {
	v, err := q.Meta(key)
	if desk.CodeOf(err) == desk.NotFound {
		return "", nil
	}
	return string(v), err
}

func (tx *Tx) setVersion(key string) error { return tx.SetMeta(key, []byte(tx.NewID().String())) }

// jsonOf reads a column of JSON; ” leaves what it is read into.
type jsonOf struct{ into any }

// Scan reads the text.
func (j jsonOf) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("JSON column of type %T", v)
	}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), j.into)
}

// nextCount returns the next number of a counter, beginning with first.
func (tx *Tx) nextCount(name string, first int64) (int64, error) {
	var n int64
	err := tx.row(`INSERT INTO counter (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value`, name, first).scan(&n)
	return n, err
}

// Entity is a legal entity of the operator.
type Entity struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// PutEntity stores a legal entity.
func (tx *Tx) PutEntity(e Entity) error {
	_, err := tx.exec(`INSERT INTO entity (code, name, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name`, e.Code, e.Name, tx.Now())
	return err
}

// Entities lists the legal entities by code.
func (q Query) Entities() ([]Entity, error) {
	return collect(q, func(r scanner) (e Entity, err error) {
		err = r.Scan(&e.Code, &e.Name)
		return e, err
	}, `SELECT code, name FROM entity ORDER BY code`)
}

// CheckEntity refuses, as Invalid, the code of an entity that is not there; "" is
// every entity.
func (q Query) CheckEntity(code string) error {
	if code == "" {
		return nil
	}
	entities, err := q.Entities()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(entities, func(e Entity) bool { return e.Code == code }) {
		return desk.Field("entity", "field_choice")
	}
	return nil
}
