// Package docs holds the documentation, so that the service can show it.
package docs

import "embed"

// Files has the documents at its root, in Markdown. Each begins with a heading.
//
//go:embed *.md
var Files embed.FS
