// Package api is the JSON API: one file per resource, one table of routes (see
// routes.go) that says who may call what. The OpenAPI 3.1 description at
// /api/openapi.json is made from the same table.
//
// A handler takes and returns plain structs; what a caller must be is checked
// before it runs, and [AgentFrom] tells it who they are. Errors are desk errors
// and become statuses in internal/web.
package api
