package main

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/veridesk/veridesk/internal/api"
)

// openapiCmd prints what api/openapi.json holds. The version in it is the
// API's, not the binary's: the file changes only when the API does.
type openapiCmd struct{}

func (openapiCmd) Run(e *env) error {
	a := api.New(api.Deps{Version: "1"})
	a.Register(http.NewServeMux())
	text, err := a.OpenAPI()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = out.WriteTo(e.stdout)
	return err
}
