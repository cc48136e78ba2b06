// Package search is the full-text index of quotes and documents: which of them
// hold the words of a query, how well, and where. It knows words and keys, and
// not what a citation is; package graph feeds it, and checks what it answers.
//
// The index is derived. It holds the state of the graph after one revision, its
// checkpoint, which is written in the same batch as the entries. An index that cannot be
// opened is begun anew, so deleting its directory is how to rebuild it.
//
// # Words
//
// A word is a run of letters, marks and digits; of scripts written without
// spaces (Chinese, Japanese, Thai) each two neighbouring letters are one. A word is found by its
// folded form, see text.Fold, and by its stem in the language of its text. A
// word of a query is stemmed in every language, so it need not be said in which language it is.
package search
