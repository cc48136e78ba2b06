package graph

import (
	flags "flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flags.Bool("update", false, "write the generated documentation anew")

// TestKeySpaceIsDocumented holds docs/key-space.md against the declarations of the tables.
func TestKeySpaceIsDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# The key space

What the store holds, row by row.
Generated from the declarations in package graph by ` + "`go test ./graph -run KeySpace -update`" + `.

A key is the tag of its table, the fields in this order, and in versioned tables the revision that wrote the
row, inverted so that the newest version comes first. A derived table can be computed from the others; ` + "`verify`" + `
compares it with them, and repairs it. Nothing is overwritten but the state row, and nothing is deleted.

| tag | table | fields | versioned | derived | value |
|---|---|---|---|---|---|
`)
	tables := slices.Clone(keySpace)
	slices.SortFunc(tables, func(a, b *table) int { return int(a.tag) - int(b.tag) })
	for _, tb := range tables {
		var fields []string
		for _, f := range tb.fields {
			fields = append(fields, f.name+" ("+fieldNames[f.kind]+")")
		}
		fmt.Fprintf(&b, "| `%c` | %s | %s | %s | %s | %s |\n", tb.tag, tb.name, strings.Join(fields, ", "), yes(tb.versioned), yes(tb.derived), tb.value)
	}
	b.WriteString(`
## Fields

| field | written as |
|---|---|
| number | 4 or 8 bytes, big endian |
| day | 4 bytes, newest first: days since 1970 with the sign bit turned, inverted; undated is ` + "`FFFFFFFF`" + ` and sorts last |
| string | its bytes, 00 as 00 FF, ended by 00 01 |
| hash, mark | 16 and 8 bytes of a SHA-256 |

The value of a versioned row begins with 1, or is 0 where the version says that the row is gone.
`)
	path := filepath.Join("..", "docs", "key-space.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != b.String() {
		t.Errorf("docs/key-space.md is not what the declarations say (%v): run go test ./graph -run KeySpace -update", err)
	}
}

var fieldNames = map[fieldKind]string{fieldU32: "number", fieldU64: "number", fieldDay: "day", fieldStr: "string", fieldHash: "hash", fieldMark: "mark"}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
