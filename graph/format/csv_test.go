package format_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
)

func TestCSVForSpreadsheetsRunsNoFormula(t *testing.T) {
	v := nasty(t)
	p := selected(t, v, graph.Selection{})
	safe := written(t, "csv", p, format.WriteOptions{Excel: true})
	plain := tables(t, written(t, "csv", p, format.WriteOptions{}))
	guarded := 0
	z := check[*zip.Reader](t)(zip.NewReader(bytes.NewReader(safe), int64(len(safe))))
	for _, f := range z.File {
		text := check[[]byte](t)(io.ReadAll(check[io.ReadCloser](t)(f.Open())))
		rest, marked := bytes.CutPrefix(text, []byte("\ufeff"))
		if !marked {
			t.Errorf("%s has no byte order mark", f.Name)
		}
		rows := check[[][]string](t)(csv.NewReader(bytes.NewReader(rest)).ReadAll())
		for i, row := range rows[1:] {
			for at, field := range row {
				column := rows[0][at]
				if field != "" && strings.ContainsRune("=+-@\t", rune(field[0])) && column != "stance" {
					t.Errorf("%s, row %d: %s is %q", f.Name, i, column, field)
				}
				if was, ok := strings.CutPrefix(field, "'"); ok {
					guarded++
					if was != plain[f.Name][i][column] {
						t.Errorf("%s, row %d: %s is %q; want %q", f.Name, i, column, was, plain[f.Name][i][column])
					}
				}
			}
		}
	}
	if guarded < 8 {
		t.Errorf("%d fields were guarded; want those of the graph, 8 or more", guarded)
	}
	if nodes := plain["nodes.csv"]; nodes[0]["Label"] != "-1 & <i>" {
		t.Errorf("without the option the first label is %q", nodes[0]["Label"])
	}
}
