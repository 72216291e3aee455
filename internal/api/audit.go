package api

import (
	"context"

	"github.com/veridesk/veridesk/internal/store"
)

type auditInput struct {
	Before string `query:"before" maxLength:"64" doc:"cursor: the next of an earlier page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type auditPage struct {
	Entries []store.AuditEntry `json:"entries"`
	Next    string             `json:"next" doc:"cursor of the next page; empty on the last"`
}

func (a *API) listAudit(ctx context.Context, in *auditInput) (*body[auditPage], error) {
	entries, next, err := a.Staff.Audit(ctx, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	return &body[auditPage]{auditPage{entries, next}}, nil
}
