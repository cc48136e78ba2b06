package graph

import (
	"context"
	"encoding/hex"
	"time"
)

func (v *View) document(ctx context.Context, num uint64) (*Document, error) {
	v.mu.Lock()
	d := v.documents[num]
	v.mu.Unlock()
	if d != nil {
		return d, nil
	}
	r, wrote, err := v.documentRecord(ctx, num)
	if err != nil {
		return nil, err
	}
	return keep(v, v.documents, keptNodes, num, v.documentOf(num, r, wrote)), nil
}

func (v *View) documentOf(num uint64, r *documentRecord, wrote Revision) *Document {
	return &Document{
		ID: r.id, Title: r.title, Publisher: r.publisher, Authors: r.authors, URL: r.url, Published: r.published, Lang: r.lang,
		Kind: r.kind, License: r.license, SHA256: hex.EncodeToString(r.sha), Length: r.length,
		num: num, derivedFrom: r.derivedFrom, textRev: r.textRev, created: r.created, updated: wrote, view: v,
	}
}

// NodeID is the document's id.
func (d *Document) NodeID() string { return d.ID }

// Revision is the last revision that changed the document.
func (d *Document) Revision() Revision { return d.updated }

// CreatedAt is when the document was recorded first.
func (d *Document) CreatedAt(ctx context.Context) (time.Time, error) {
	return d.view.timeOf(ctx, d.created)
}

// DerivedFrom is the document that this one copies or quotes; nil when it stands for itself.
func (d *Document) DerivedFrom(ctx context.Context) (*Document, error) {
	if d.derivedFrom == 0 {
		return nil, nil
	}
	return d.view.document(ctx, d.derivedFrom)
}

// Text reads the code points [start, end) of the stored text, all of it by
// default; false when none is stored. A range outside the text is BadInput.
func (d *Document) Text(ctx context.Context, start, end *int) (string, bool, error) {
	from, to := 0, d.Length
	if start != nil {
		from = *start
	}
	if end != nil {
		to = *end
	}
	if d.textRev == 0 {
		return "", false, nil
	}
	if from < 0 || to < from || to > d.Length {
		return "", false, badInput("text of %q has code points 0 to %d; the range from %d to %d is not inside", d.ID, d.Length, from, to)
	}
	if from == to {
		return "", true, nil
	}
	s, err := d.view.text(ctx, d.num, d.textRev, from, to)
	return s, err == nil, err
}
