package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// textWriter writes text piece by piece and keeps the first error, which further pieces return.
type textWriter struct {
	out *bufio.Writer
}

func newTextWriter(w io.Writer) *textWriter { return &textWriter{bufio.NewWriterSize(w, 64<<10)} }

// err is the first error of writing. A file that nobody takes is not written on.
func (t *textWriter) err() error {
	_, err := t.out.WriteString("") // the buffer keeps its error
	return err
}

// put writes texts as they are. The buffer keeps an error for err and for the flush.
func (t *textWriter) put(texts ...string) {
	for _, s := range texts {
		if _, err := t.out.WriteString(s); err != nil {
			return
		}
	}
}

// escaped is text as it stands in XML, between tags and in attributes. What XML cannot hold becomes U+FFFD.
func escaped(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.String()
}

// plain is a value as text.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.RawMessage:
		return string(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// token is an id as an XML name token that is different for different ids: ASCII letters, digits, hyphens, dots, colons and
// underscores stay; another character is _xHHHH_ with its code point in hexadecimal, and so is an underscore before an x.
func token(id string) string {
	var b strings.Builder
	for i, r := range id {
		switch {
		case r == '_' && strings.HasPrefix(id[i:], "_x"), !isTokenRune(r):
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isTokenRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-.:_", r)
}
