package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"chancery/graph"
)

const verifyDetails = `
Checks that all stored bytes can be read and have the right checksums, that
indexes and counters agree with the records, that every quote stands in its
text, and that revisions have no gap. With problems that are not repaired, the
exit code is 1.`

// shownProblems is how many problems are told in words.
const shownProblems = 100

func verify(ctx context.Context, s *session) (err error) {
	open := s.openToRead
	if s.on("repair") {
		open = func(ctx context.Context) (*opened, error) { return s.open(ctx, false) }
	}
	o, err := open(ctx)
	if err != nil {
		return err
	}
	defer o.closing(&err)
	m := s.newMeter("verifying")
	report, err := o.graph.Verify(ctx, graph.VerifyOptions{Repair: s.on("repair"), Progress: func(stage string, done int) {
		m.show(int64(done), 0, stage+" "+grouped(done), map[string]any{"stage": stage, "done": done})
	}})
	m.close()
	if err != nil {
		return err
	}
	if s.on("json") {
		if report.Problems == nil {
			report.Problems = []graph.Problem{} // an empty list, not null
		}
		err = json.NewEncoder(s.stdout).Encode(report)
	} else {
		err = printVerified(s.stdout, report)
	}
	if err != nil {
		return err
	}
	if open := len(report.Problems) + report.Omitted - repaired(report); open > 0 {
		return errTold
	}
	return nil
}

func repaired(r *graph.VerifyReport) int {
	n := 0
	for _, p := range r.Problems {
		if p.Repaired {
			n++
		}
	}
	return n
}

func printVerified(w io.Writer, r *graph.VerifyReport) error {
	var b strings.Builder
	fmt.Fprintf(&b, "revision %d\n", r.Revision)
	t := newTable("checked", "count")
	for _, c := range r.Checked {
		t.row(c.Stage, grouped(c.Count))
	}
	t.write(&b)
	for i, p := range r.Problems {
		if i == shownProblems {
			fmt.Fprintf(&b, "… and %s more; --json lists them\n", grouped(len(r.Problems)-i))
			break
		}
		done := ""
		if p.Repaired {
			done = " (repaired)"
		}
		fmt.Fprintf(&b, "%s: %s: %s%s\n", p.Table, p.Subject, p.Message, done)
	}
	found := len(r.Problems) + r.Omitted
	switch {
	case found == 0:
		b.WriteString("everything agrees\n")
	case repaired(r) == found:
		fmt.Fprintf(&b, "%s, all repaired\n", counted(found, "problem", "problems"))
	default:
		fmt.Fprintf(&b, "%s, %s repaired; --repair mends indexes, and a damaged record needs an export from before or its source\n", counted(found, "problem", "problems"), grouped(repaired(r)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
