package graph

import (
	"context"
	"slices"

	"chancery/graph/edtf"
)

// citationTest tells whether a citation meets a filter, in two steps: what its
// document, verdict and speaker tell, and what the rest of its record does.
type citationTest struct {
	verdicts []Verdict
	sources  set                  // nil: any
	speakers set                  // nil: any, and none
	source   func(*Document) bool // nil: any
	full     []func(ctx context.Context, v *View, r *citationRecord) (bool, error)
}

// brief is the first step.
func (t *citationTest) brief(ctx context.Context, v *View, ref citationRef) (bool, error) {
	if t.verdicts != nil && !slices.Contains(t.verdicts, ref.verdict) || t.sources != nil && !t.sources.has(ref.document) || t.speakers != nil && !t.speakers.has(ref.speaker) {
		return false, nil
	}
	if t.source == nil {
		return true, nil
	}
	d, err := v.document(ctx, ref.document)
	return err == nil && t.source(d), err
}

// whole is the second step.
func (t *citationTest) whole(ctx context.Context, v *View, r *citationRecord) (bool, error) {
	for _, test := range t.full {
		if ok, err := test(ctx, v, r); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// any tells whether a citation that affirms from one of the documents meets the first step, where no speaker is asked for and that is all there is.
func (t *citationTest) any(ctx context.Context, v *View, documents []uint32) (bool, error) {
	for _, d := range documents {
		if ok, err := t.brief(ctx, v, citationRef{document: uint64(d), verdict: Affirms}); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// asksForWords tells whether a filter needs the record of a citation, and not only its document, verdict and speaker.
func (f *CitationFilter) asksForWords() bool {
	return f.Modality != nil || f.Verification != nil || f.Quote != nil || f.Recorded != nil
}

// cites tells whether a shown citation of the relation meets a test.
func (c *candidate) cites(ctx context.Context, test *citationTest) (bool, error) {
	e, err := c.evidence(ctx)
	if err != nil {
		return false, err
	}
	for _, ref := range e.order {
		ok, err := test.brief(ctx, c.v, ref)
		if err == nil && ok && len(test.full) > 0 {
			ok, err = c.meets(ctx, test, ref)
		}
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// meets is the second step, by the row that came with the evidence where it did.
func (c *candidate) meets(ctx context.Context, test *citationTest, ref citationRef) (bool, error) {
	var r *citationRecord
	var err error
	if ref.row == nil {
		r, err = c.v.citationRow(ctx, c.num, ref.mark)
	} else if r, err = decodeCitation(ref.row); err != nil {
		err = damaged("citation %x of relation %d", ref.mark, c.num)
	}
	if err != nil {
		return false, err
	}
	return test.whole(ctx, c.v, r)
}

func (v *View) compileCitation(ctx context.Context, f *CitationFilter) (*citationTest, error) {
	t := &citationTest{}
	if f == nil {
		return t, nil
	}
	var err error
	t.verdicts = f.Verdict
	if f.Documents != nil {
		if t.sources, err = v.documentSet(ctx, f.Documents, "documents"); err != nil {
			return nil, err
		}
	}
	if f.Speakers != nil {
		if t.speakers, err = v.entitySet(ctx, f.Speakers, "speakers"); err != nil {
			return nil, err
		}
	}
	if t.source, err = documentTests(f.Publishers, f.Kinds, f.Langs, f.Published); err != nil {
		return nil, err
	}
	return t, f.fields(t)
}

// fields compiles what a filter asks of the citation's own record.
func (f *CitationFilter) fields(t *citationTest) error {
	plain := func(test func(r *citationRecord) bool) {
		t.full = append(t.full, func(_ context.Context, _ *View, r *citationRecord) (bool, error) { return test(r), nil })
	}
	if f.Modality != nil {
		plain(func(r *citationRecord) bool { return slices.Contains(f.Modality, r.modality) })
	}
	if f.Verification != nil {
		plain(func(r *citationRecord) bool { return slices.Contains(f.Verification, r.verification) })
	}
	if quote := f.Quote.test(); quote != nil {
		plain(func(r *citationRecord) bool { return quote(r.quote) })
	}
	recorded, err := f.Recorded.test("recorded")
	if err != nil || recorded == nil {
		return err
	}
	t.full = append(t.full, func(ctx context.Context, v *View, r *citationRecord) (bool, error) {
		at, err := v.timeOf(ctx, r.recorded)
		day := edtf.DayAt(at)
		return err == nil && recorded.span(day, day), err
	})
	return nil
}

// documentTests is what filters ask of the fields of a document; nil for nothing.
func documentTests(publishers []string, kinds []DocumentKind, langs []string, published *DateRange) (func(*Document) bool, error) {
	when, err := published.test("published")
	if err != nil {
		return nil, err
	}
	if publishers == nil && kinds == nil && langs == nil && when == nil {
		return nil, nil
	}
	return func(d *Document) bool {
		return (publishers == nil || slices.Contains(publishers, d.Publisher)) &&
			(kinds == nil || slices.Contains(kinds, d.Kind)) &&
			(langs == nil || slices.ContainsFunc(langs, func(l string) bool { return sameLanguage(d.Lang, l) })) &&
			(when == nil || when.text(d.Published))
	}, nil
}
