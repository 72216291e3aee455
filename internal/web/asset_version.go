package web

import "strings"

// Version returns a short name for the present content of a file, to make part
// of its address so that it may be cached for good; "" when there is no such
// file (the front ends are not built).
func (a *Assets) Version(name string) string {
	f, err := a.load(name)
	if err != nil {
		return ""
	}
	return strings.Trim(strings.TrimPrefix(f.etag, "W/"), `"`)
}
