// Package content holds the sample articles that an installation begins with.
package content

import "embed"

// Files are categories.yaml, articles/<locale>/<category>/<slug>.md and the
// pictures below images/; see README.md beside this file.
//
//go:embed categories.yaml articles images
var Files embed.FS
