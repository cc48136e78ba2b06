package graph

import (
	"context"
	"time"
	"unicode/utf8"

	"chancery/graph/text"
)

// contextLength is how many code points around a quote are shown as its prefix and suffix.
const contextLength = 32

func runeCount(s string) int { return utf8.RuneCountInString(s) }

// Document is the source that is cited.
func (c *Citation) Document(ctx context.Context) (*Document, error) {
	c.siblings.readDocuments(ctx)
	return c.view.document(ctx, c.document)
}

// Speaker is who is quoted or paraphrased; nil when the publisher speaks in its own voice.
func (c *Citation) Speaker(ctx context.Context) (*Entity, error) {
	if c.speaker == 0 {
		return nil, nil
	}
	c.siblings.readSpeakers(ctx)
	return c.view.entity(ctx, c.speaker)
}

// Via are the further links of the chain between speaker and publisher, outermost first.
func (c *Citation) Via(ctx context.Context) ([]*Entity, error) {
	c.siblings.readVia(ctx)
	out := make([]*Entity, 0, len(c.via))
	for _, n := range c.via {
		e, err := c.view.entity(ctx, n)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Prefix is the text before the quote, up to 32 code points; empty when the text is not stored and none was given.
func (c *Citation) Prefix(ctx context.Context) (string, error) {
	if c.Start == nil {
		return c.prefix, nil
	}
	from := max(0, *c.Start-contextLength)
	return c.around(ctx, from, *c.Start)
}

// Suffix is the text after the quote, up to 32 code points; empty when the text is not stored and none was given.
func (c *Citation) Suffix(ctx context.Context) (string, error) {
	if c.End == nil {
		return c.suffix, nil
	}
	d, err := c.Document(ctx)
	if err != nil {
		return "", err
	}
	return c.around(ctx, *c.End, min(d.Length, *c.End+contextLength))
}

func (c *Citation) around(ctx context.Context, from, to int) (string, error) {
	if from >= to {
		return "", nil
	}
	d, err := c.Document(ctx)
	if err != nil {
		return "", err
	}
	return c.view.text(ctx, d.num, d.textRev, from, to)
}

// URL is a link into the source that highlights the words where browsers
// support text fragments; the source's own address when there are no words, empty when there is no address.
func (c *Citation) URL(ctx context.Context) (string, error) {
	d, err := c.Document(ctx)
	if err != nil || d.URL == "" || c.Quote == "" {
		if err != nil {
			return "", err
		}
		return d.URL, nil
	}
	return text.TextFragmentURL(d.URL, c.Quote), nil
}

// RecordedAt is when the citation was recorded, or recorded again after it was withdrawn.
func (c *Citation) RecordedAt(ctx context.Context) (time.Time, error) {
	return c.view.timeOf(ctx, c.recorded)
}

// RetractedAt is when the citation was withdrawn; nil while it is live.
func (c *Citation) RetractedAt(ctx context.Context) (*time.Time, error) {
	if c.retracted == 0 {
		return nil, nil
	}
	t, err := c.view.timeOf(ctx, c.retracted)
	if err != nil {
		return nil, err
	}
	return &t, nil
}
