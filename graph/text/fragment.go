package text

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxWhole is the length in code points up to which a quote of one line is
	// written out in a text fragment.
	maxWhole = 100
	// fragmentWords and fragmentLen limit each end of a longer one: words, and
	// code points.
	fragmentWords = 6
	fragmentLen   = 48
)

// TextFragment returns the value of a text directive that makes a browser
// highlight the quote: what follows "#:~:text=" in a URL (URL Fragment Text
// Directives, https://wicg.github.io/scroll-to-text-fragment/).
//
// A quote of one line and at most 100 code points is written out. A longer one
// becomes "start,end" with up to six of its first and of its last words, taken
// from its first and last line, because neither part may cross the border of a
// block. Letters and digits of ASCII and . _ ~ are written as they are, everything
// else is percent-encoded as UTF-8, among it - , & which separate the parts of
// the directive. Runs of white space become one space. Empty for a quote without
// words.
func TextFragment(quote string) string {
	lines := strings.FieldsFunc(quote, func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' })
	var full []string // lines with words in them
	for _, line := range lines {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			full = append(full, line)
		}
	}
	switch {
	case len(full) == 0:
		return ""
	case len(full) == 1 && Length(full[0]) <= maxWhole:
		return percentEncode(full[0])
	case len(full) == 1:
		head, tail := headAndTail(full[0])
		return percentEncode(head) + "," + percentEncode(tail)
	}
	head, _ := headAndTail(full[0])
	_, tail := headAndTail(full[len(full)-1])
	return percentEncode(head) + "," + percentEncode(tail)
}

// TextFragmentURL returns the URL with a text directive for the quote. A fragment
// the URL has already stays, and a directive in it is kept beside the new one. The
// URL comes back unchanged if it is empty or the quote has no words.
func TextFragmentURL(url, quote string) string {
	value := TextFragment(quote)
	switch {
	case url == "" || value == "":
		return url
	case strings.Contains(url, ":~:"):
		return url + "&text=" + value
	case strings.Contains(url, "#"):
		return url + ":~:text=" + value
	}
	return url + "#:~:text=" + value
}

// headAndTail returns the first and the last few words of a line, cut inside a
// word only if that word alone is too long. They overlap in short lines.
func headAndTail(line string) (head, tail string) {
	words := strings.Split(line, " ")
	n := 1
	for n < min(fragmentWords, len(words)) && Length(strings.Join(words[:n+1], " ")) <= fragmentLen {
		n++
	}
	head = strings.Join(words[:n], " ")
	n = 1
	for n < min(fragmentWords, len(words)) && Length(strings.Join(words[len(words)-n-1:], " ")) <= fragmentLen {
		n++
	}
	tail = strings.Join(words[len(words)-n:], " ")
	if at, ok := advance(head, 0, fragmentLen); ok {
		head = head[:at]
	}
	if extra := Length(tail) - fragmentLen; extra > 0 {
		at, _ := advance(tail, 0, extra)
		tail = tail[at:]
	}
	return head, tail
}

const hexDigits = "0123456789ABCDEF"

// percentEncode writes every byte but ASCII letters, digits and . _ ~ as %XX.
func percentEncode(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/2)
	for i := range len(s) {
		c := s[i]
		switch {
		case c < utf8.RuneSelf && (isAlnum(c) || c == '.' || c == '_' || c == '~'):
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
