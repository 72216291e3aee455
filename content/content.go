// Package content holds the sample articles that an installation begins with.
package content

import "embed"

// Files are categories.yaml and articles/<locale>/<category>/<slug>.md; see
// README.md beside this file.
//
//go:embed categories.yaml articles
var Files embed.FS
