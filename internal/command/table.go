package command

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// table is text in columns, each to the right but the first where labels are set.
type table struct {
	labels bool
	rows   [][]string
	widths []int
}

// newTable is a table whose first column has labels.
func newTable(header ...string) *table {
	t := &table{labels: true, widths: make([]int, len(header))}
	t.row(header...)
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		t.widths[i] = max(t.widths[i], utf8.RuneCountInString(c))
	}
	t.rows = append(t.rows, cells)
}

func (t *table) write(w io.Writer) {
	for _, cells := range t.rows {
		var b strings.Builder
		for i, c := range cells {
			pad := strings.Repeat(" ", t.widths[i]-utf8.RuneCountInString(c))
			if i == 0 && t.labels {
				b.WriteString("  " + c + pad)
			} else {
				b.WriteString("  " + pad + c)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// grouped writes a number with commas between groups of three digits.
func grouped(n int) string { return message.NewPrinter(language.English).Sprint(n) }

// counted is a number with the noun for what it counts.
func counted(n int, one, many string) string {
	if n == 1 {
		return grouped(n) + " " + one
	}
	return grouped(n) + " " + many
}

// sized writes a number of bytes in the largest unit that leaves a whole part.
func sized(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	v, i := float64(n), 0
	for v >= 1024 && i < len(units)-1 {
		v, i = v/1024, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}
