package format

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// key reads a field name and returns it unescaped.
func (c *checker) key() []byte {
	start := c.i + 1
	plain := c.string()
	if c.broken {
		return nil
	}
	raw := c.b[start : c.i-1]
	if plain {
		return raw
	}
	var s string
	if err := json.Unmarshal(c.b[start-1:c.i], &s); err != nil {
		c.stop("the field name cannot be read: %s", err)
	}
	return []byte(s)
}

// string reads a string and tells whether it is free of escapes. It checks what
// JSON and UTF-8 ask of one, lone surrogates included.
func (c *checker) string() (plain bool) {
	c.i++
	start := c.i
	ascii := true
	plain = true
	for c.i < len(c.b) {
		switch b := c.b[c.i]; {
		case b == '"':
			if !ascii && !utf8.Valid(c.b[start:c.i]) {
				c.notUTF8(start)
				return false
			}
			c.i++
			return plain
		case b == '\\':
			plain = false
			if !c.escape() {
				return false
			}
		case b < 0x20:
			c.stop("the control character %#02x stands in a string: write it as \\u%04x", b, b)
			return false
		default:
			if b >= utf8.RuneSelf {
				ascii = false
			}
			c.i++
		}
	}
	c.stop("a string has no end: it may have been cut off")
	return false
}

// notUTF8 finds the first byte of a string that is not UTF-8.
func (c *checker) notUTF8(from int) {
	for c.i = from; ; {
		r, n := utf8.DecodeRune(c.b[c.i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		c.i += n
	}
	c.stop("the byte %#02x is not UTF-8: save the file as UTF-8", c.b[c.i])
}

// escape reads one escape sequence, or two that are one character.
func (c *checker) escape() bool {
	if c.i+1 < len(c.b) {
		switch c.b[c.i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			c.i += 2
			return true
		case 'u':
			return c.unicodeEscape()
		}
	}
	c.stop("\\ begins no escape that JSON knows: write \\\\ for a backslash")
	return false
}

func (c *checker) unicodeEscape() bool {
	unit, ok := c.hex(c.i)
	switch {
	case !ok:
		c.stop("\\u is not followed by four hexadecimal digits")
	case unit >= 0xDC00 && unit <= 0xDFFF:
		c.stop("\\u%04x is the second half of a character without its first", unit)
	case unit >= 0xD800 && unit <= 0xDBFF:
		if low, ok := c.hex(c.i + 6); !ok || low < 0xDC00 || low > 0xDFFF {
			c.stop("\\u%04x is the first half of a character without its second", unit)
		} else {
			c.i += 12
		}
	default:
		c.i += 6
	}
	return !c.broken
}

// hex reads \uXXXX at i.
func (c *checker) hex(i int) (uint64, bool) {
	if i+6 > len(c.b) || c.b[i] != '\\' || c.b[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(c.b[i+2:i+6]), 16, 16)
	return n, err == nil
}

// number reads a number and checks that it fits its place.
func (c *checker) number(s *shape) {
	start := c.i
	if c.b[c.i] == '-' {
		c.i++
	}
	switch {
	case c.i < len(c.b) && c.b[c.i] == '0':
		c.i++
	case c.digits() == 0:
		c.stop("a minus sign is not followed by a digit")
		return
	}
	whole := true
	if c.i < len(c.b) && c.b[c.i] == '.' {
		whole = false
		c.i++
		if c.digits() == 0 {
			c.stop("a decimal point is not followed by a digit")
			return
		}
	}
	if c.i < len(c.b) && (c.b[c.i] == 'e' || c.b[c.i] == 'E') {
		whole = false
		c.i++
		if c.i < len(c.b) && (c.b[c.i] == '+' || c.b[c.i] == '-') {
			c.i++
		}
		if c.digits() == 0 {
			c.stop("an exponent has no digits")
			return
		}
	}
	c.fits(s, string(c.b[start:c.i]), whole)
}

func (c *checker) digits() int {
	start := c.i
	for c.i < len(c.b) && c.b[c.i] >= '0' && c.b[c.i] <= '9' {
		c.i++
	}
	return c.i - start
}

func (c *checker) fits(s *shape, digits string, whole bool) {
	if !c.wants(s, "the number "+digits, shapeInteger, shapeNumber) {
		return
	}
	switch s.kind {
	case shapeInteger:
		if !whole {
			c.note("%s is not a whole number: write it without fraction and exponent", digits)
		} else if _, err := strconv.Atoi(digits); err != nil {
			c.note("%s is beyond what a whole number can be here", digits)
		}
	case shapeNumber:
		if _, err := strconv.ParseFloat(digits, 64); err != nil {
			c.note("%s is beyond what a number can be here", digits)
		}
	}
}
