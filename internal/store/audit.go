package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// Actor is who does something: an agent, or the system itself.
type Actor struct {
	Kind desk.AuthorKind // ByAgent or BySystem
	ID   desk.ID
	Name string
	IP   string
}

// AuditEntry is one change: who did what to which thing. Detail tells from what
// to what and never holds a secret.
type AuditEntry struct {
	ID         desk.ID        `json:"id"`
	At         desk.Micros    `json:"at"`
	ActorKind  string         `json:"actor_kind" enum:"agent,system"`
	ActorID    desk.ID        `json:"actor_id"`
	ActorName  string         `json:"actor_name"`
	Action     string         `json:"action"`
	ObjectKind string         `json:"object_kind"`
	ObjectID   string         `json:"object_id"`
	Detail     map[string]any `json:"detail"`
	IP         string         `json:"ip"`
}

// Audit writes a row of the audit log in the transaction of the change itself.
// detail may be nil.
func (tx *Tx) Audit(by Actor, action, objectKind string, object desk.ID, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	_, err = tx.exec(`INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, detail, ip)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		tx.NewID(), tx.Now(), string(by.Kind), by.ID, by.Name, action, objectKind, object.String(), string(text), by.IP)
	return err
}

// AuditEntries returns up to limit entries older than the cursor before (""
// begins with the newest), newest first, and the cursor of the next page, "" at
// the end.
func (q Query) AuditEntries(before string, limit int) (entries []AuditEntry, next string, err error) {
	at, id := int64(1<<62), int64(1<<62)
	if before != "" {
		a, b, ok := strings.Cut(before, ".")
		var errA, errB error
		at, errA = strconv.ParseInt(a, 10, 64)
		id, errB = strconv.ParseInt(b, 10, 64)
		if !ok || errA != nil || errB != nil {
			return nil, "", desk.Field("before", "field_invalid")
		}
	}
	entries, err = collect(q, func(r scanner) (e AuditEntry, err error) {
		var detail string
		if err := r.Scan(&e.ID, &e.At, &e.ActorKind, &e.ActorID, &e.ActorName, &e.Action, &e.ObjectKind, &e.ObjectID, &detail, &e.IP); err != nil {
			return e, err
		}
		if err := json.Unmarshal([]byte(detail), &e.Detail); err != nil {
			return e, fmt.Errorf("detail of audit %d: %w", e.ID, err)
		}
		return e, nil
	}, `SELECT id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, detail, ip FROM audit
		WHERE (at, id) < ($1, $2) ORDER BY at DESC, id DESC LIMIT $3`, at, id, limit+1)
	if err == nil && len(entries) > limit {
		entries = entries[:limit]
		last := entries[limit-1]
		next = fmt.Sprintf("%d.%d", last.At, last.ID)
	}
	return entries, next, err
}
