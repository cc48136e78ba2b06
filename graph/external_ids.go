package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// ExternalIDs is a list of external ids, written in interchange as an object by
// scheme: a string where a scheme has one value, a list of strings where it has several.
type ExternalIDs []ExternalID

// UnmarshalJSON reads the object form.
func (x *ExternalIDs) UnmarshalJSON(b []byte) error {
	var by map[string]json.RawMessage
	if err := json.Unmarshal(b, &by); err != nil || by == nil {
		return errors.New(`external ids are an object by scheme, e.g. {"wikidata": "Q7747"}`)
	}
	*x = nil
	for scheme, raw := range by {
		var one string
		var many []string
		if json.Unmarshal(raw, &one) == nil {
			many = []string{one}
		} else if json.Unmarshal(raw, &many) != nil {
			return errors.New("the external id of scheme " + quoted(scheme) + " is a string or a list of strings")
		}
		for _, v := range many {
			*x = append(*x, ExternalID{scheme, v})
		}
	}
	return nil
}

// MarshalJSON writes the object form with sorted schemes; the values of one scheme keep their order.
func (x ExternalIDs) MarshalJSON() ([]byte, error) {
	by := map[string][]string{}
	var schemes []string
	for _, e := range x {
		if _, seen := by[e.Scheme]; !seen {
			schemes = append(schemes, e.Scheme)
		}
		by[e.Scheme] = append(by[e.Scheme], e.Value)
	}
	slices.Sort(schemes)
	var out bytes.Buffer
	out.WriteByte('{')
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for i, s := range schemes {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := enc.Encode(s); err != nil {
			return nil, err
		}
		out.Truncate(out.Len() - 1)
		out.WriteByte(':')
		var v any = by[s]
		if len(by[s]) == 1 {
			v = by[s][0]
		}
		if err := enc.Encode(v); err != nil {
			return nil, err
		}
		out.Truncate(out.Len() - 1)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
