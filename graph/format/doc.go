// Package format holds one table of the file formats in which graphs travel,
// [Formats], and a reader or writer for each.
//
// JSON Lines is the service's own format: one object a line, with one key that
// says what it is. [Export] writes it and [Import] reads it.
//
// # Import
//
// One goroutine reads, unpacks, cuts into lines, checks and decodes; the caller's
// goroutine writes batches of lines, each in one commit. A line is checked
// against the shapes of the graph's inputs before it is decoded: unknown and
// repeated fields, values of another type, broken UTF-8 and anything behind the
// object are mistakes that name their place. A mistake costs its line alone.
//
// Lines may come in any order. A line that names something not known yet is put
// by, in memory up to 64 MiB and beyond that in a temporary file, and tried
// again when all others are written; after that, only when something it named
// has been made. So the whole takes linear time.
//
// An import is idempotent: what is there already is left as it is, and writes
// nothing. One that was interrupted is continued by running it again.
package format
