// Package helpcenter is the Help Center: articles in every language, their
// import from Markdown, and search.
//
// The database holds Markdown; each node serves an immutable [Snapshot] in
// memory (rendered, sanitised and indexed) and replaces it when
// store.ArticlesVersion changes. Reading a page or searching never waits for the
// database.
package helpcenter
