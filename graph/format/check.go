package format

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"chancery/graph"
	"chancery/graph/text"
)

// maxDepth is how deep arrays and objects may be nested in a line.
const maxDepth = 64

// maxProblems is how many mistakes of one line are told.
const maxProblems = 20

// Problem is one mistake in a line: what is wrong, where, and what would be right.
type Problem struct {
	Path    string              `json:"path"` // e.g. relation.citations[0].quote; empty for the line as a whole
	Code    graph.UserErrorCode `json:"code"`
	Message string              `json:"message"`
}

// step is one part of the path to a value: a name or, where it is empty, a place in a list.
type step struct {
	name  string
	index int
}

// checker reads one line of JSON against a shape and notes every mistake. It
// stops at the first that leaves the rest unreadable.
type checker struct {
	b        []byte
	i        int // bytes read
	path     []step
	problems []Problem
	broken   bool
	roots    uint64 // fields that the outermost object has, as bits
	spans    []span // of the outermost object's fields
}

// span is where the value of a field stands, in bytes.
type span struct{ field, start, end int }

// check reads all of b, which must be one value of the shape.
func (c *checker) check(b []byte, s *shape) {
	*c = checker{b: b, path: c.path[:0], spans: c.spans[:0]}
	c.value(s)
	if c.space(); !c.broken && c.i < len(b) {
		c.stop("after the object comes %s: a line holds one object and nothing behind it", c.next())
	}
}

func (c *checker) note(format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, Problem{pathText(c.path), graph.CodeInvalid, fmt.Sprintf(format, args...)})
	}
}

// stop notes a mistake that leaves the rest unreadable.
func (c *checker) stop(format string, args ...any) {
	if !c.broken {
		c.broken = true
		c.note("byte %d: %s", c.i+1, fmt.Sprintf(format, args...))
	}
}

func pathText(path []step) string {
	var b strings.Builder
	for _, s := range path {
		switch {
		case s.name == "":
			fmt.Fprintf(&b, "[%d]", s.index)
		case b.Len() > 0:
			b.WriteByte('.')
			fallthrough
		default:
			b.WriteString(s.name)
		}
	}
	return b.String()
}

func (c *checker) space() {
	for c.i < len(c.b) && (c.b[c.i] == ' ' || c.b[c.i] == '\t' || c.b[c.i] == '\r' || c.b[c.i] == '\n') {
		c.i++
	}
}

// next shows what stands at the reader's place.
func (c *checker) next() string {
	if c.i >= len(c.b) {
		return "the end of the line"
	}
	if r, n := utf8.DecodeRune(c.b[c.i:]); r != utf8.RuneError || n > 1 {
		return strconv.QuoteRune(r)
	}
	return fmt.Sprintf("the byte %#02x, which is not UTF-8", c.b[c.i])
}

func (c *checker) value(s *shape) {
	c.space()
	if c.i >= len(c.b) {
		c.stop("the line ends where %s is expected: it may have been cut off", s.says())
		return
	}
	switch b := c.b[c.i]; {
	case b == '{':
		c.object(s)
	case b == '[':
		c.list(s)
	case b == '"':
		c.wants(s, "a string", shapeString, shapeStringOrList)
		c.string()
	case b == '-' || b >= '0' && b <= '9':
		c.number(s)
	default:
		c.literal(s)
	}
}

// wants notes that a value of another type stands where s is wanted.
func (c *checker) wants(s *shape, found string, kinds ...shapeKind) bool {
	if s.kind == shapeAny || slices.Contains(kinds, s.kind) {
		return true
	}
	c.note("here stands %s; it should be %s", found, s.says())
	return false
}

// anything is the shape of values that are not looked into.
var anything = &shape{kind: shapeAny}

func (c *checker) enter() bool {
	c.i++
	if len(c.path) >= maxDepth {
		c.stop("values are nested deeper than %d levels", maxDepth)
	}
	return !c.broken
}

func (c *checker) object(s *shape) {
	if !c.wants(s, "an object", shapeObject, shapeDict) {
		s = anything
	}
	if !c.enter() {
		return
	}
	var seen uint64
	var keys map[string]bool // of an object whose keys are free
	depth := len(c.path)
	for first := true; ; first = false {
		c.space()
		if c.i < len(c.b) && c.b[c.i] == '}' {
			c.i++
			break
		}
		if !first && !c.punctuation(',', "a comma or } after a value") {
			return
		}
		if c.space(); c.i >= len(c.b) || c.b[c.i] != '"' {
			c.stop("%s stands where a field name in double quotes is expected", c.next())
			return
		}
		key := c.key()
		if c.space(); c.broken || !c.punctuation(':', "a colon after a field name") {
			return
		}
		if s.kind == shapeObject {
			c.field(s, key, &seen)
		} else {
			if keys == nil {
				keys = map[string]bool{}
			}
			c.freeField(s, string(key), keys)
		}
		if c.broken {
			return
		}
		c.path = c.path[:depth]
	}
	if depth == 0 {
		c.roots = seen
	}
}

func (s *shape) elemOrAny() *shape {
	if s.kind == shapeDict || s.kind == shapeList || s.kind == shapeStringOrList {
		return s.elem
	}
	return anything
}

// field reads the value of a field of an object whose fields are known.
func (c *checker) field(s *shape, key []byte, seen *uint64) {
	root := len(c.path) == 0
	i, known := s.index[string(key)]
	if !known {
		c.path = append(c.path, step{name: string(key)})
		c.note("there is no field of this name%s; the fields here are %s", likely(string(key), s), s.names())
		c.value(anything)
		return
	}
	c.path = append(c.path, step{name: s.fields[i].name})
	c.once(*seen&(1<<i) != 0)
	*seen |= 1 << i
	c.space()
	start := c.i
	c.value(s.fields[i].shape)
	if root {
		c.spans = append(c.spans, span{i, start, c.i})
	}
}

// freeField reads the value of a field of an object that may have any.
func (c *checker) freeField(s *shape, key string, seen map[string]bool) {
	c.path = append(c.path, step{name: key})
	c.once(seen[key])
	seen[key] = true
	c.value(s.elemOrAny())
}

func (c *checker) once(again bool) {
	if again {
		c.note("the field stands twice in its object: give it once")
	}
}

func likely(key string, s *shape) string {
	names := func(yield func(string) bool) {
		for _, f := range s.fields {
			if !yield(f.name) {
				return
			}
		}
	}
	if near := text.Nearest(key, names, 1); len(near) > 0 {
		return fmt.Sprintf(" (did you mean %q?)", near[0])
	}
	return ""
}

func (c *checker) list(s *shape) {
	if !c.wants(s, "a list", shapeList, shapeStringOrList) {
		s = anything
	}
	if !c.enter() {
		return
	}
	elem, depth := s.elemOrAny(), len(c.path)
	for n := 0; ; n++ {
		c.space()
		if c.i < len(c.b) && c.b[c.i] == ']' {
			c.i++
			break
		}
		if n > 0 && !c.punctuation(',', "a comma or ] after a value") {
			return
		}
		c.path = append(c.path[:depth], step{index: n})
		if c.space(); elem != anything && c.i < len(c.b) && c.b[c.i] == 'n' {
			c.note("null cannot stand in a list: give %s or leave the place out", elem.says())
		}
		if c.value(elem); c.broken {
			return
		}
		c.path = c.path[:depth]
	}
}

func (c *checker) punctuation(b byte, what string) bool {
	if c.i < len(c.b) && c.b[c.i] == b {
		c.i++
		return true
	}
	c.stop("%s stands where %s is expected", c.next(), what)
	return false
}

// literal reads true, false or null. Null is what an optional field says for being left out.
func (c *checker) literal(s *shape) {
	for _, word := range []string{"null", "true", "false"} {
		if !strings.HasPrefix(string(c.b[c.i:min(len(c.b), c.i+len(word))]), word) {
			continue
		}
		if word != "null" {
			c.wants(s, word, shapeBool)
		} else if len(c.path) == 0 {
			c.wants(s, "null")
		}
		c.i += len(word)
		return
	}
	c.stop("%s stands where %s is expected", c.next(), s.says())
}
