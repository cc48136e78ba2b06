package format

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"chancery/graph"
)

// waitingMemory is how many bytes of waiting lines are kept in memory.
const waitingMemory = 64 << 20

// waitingLines are lines that name what is not known yet. A place is the number
// of a line in the order in which they were put by.
type waitingLines struct {
	dir     string
	memory  []byte
	file    *os.File // what came after memory was full
	written int64
	lines   []waitingLine
	left    int              // lines not done
	byID    map[string][]int // places of lines that wait for an id
	woken   []int
}

type waitingLine struct {
	line   int
	start  int64 // in memory, or behind it in the file
	length int
	done   bool
}

func (w *waitingLines) open() int { return w.left }

func (w *waitingLines) add(line int, raw []byte) error {
	l := waitingLine{line: line, start: int64(len(w.memory)) + w.written, length: len(raw)}
	if w.file == nil && len(w.memory)+len(raw) <= waitingMemory {
		w.memory = append(w.memory, raw...)
	} else {
		if w.file == nil {
			f, err := os.CreateTemp(w.dir, "chancery-import-*")
			if err != nil {
				return err
			}
			w.file = f
		}
		n, err := w.file.Write(raw)
		if err != nil {
			return err
		}
		w.written += int64(n)
	}
	w.lines = append(w.lines, l)
	w.left++
	return nil
}

func (w *waitingLines) read(place int) (raw []byte, line int, err error) {
	l := w.lines[place]
	if end := l.start + int64(l.length); end <= int64(len(w.memory)) {
		return w.memory[l.start:end:end], l.line, nil
	}
	raw = make([]byte, l.length)
	_, err = w.file.ReadAt(raw, l.start-int64(len(w.memory)))
	return raw, l.line, err
}

// all are the places of the lines not done.
func (w *waitingLines) all() []int {
	places := make([]int, 0, w.left)
	for i := range w.lines {
		if !w.lines[i].done {
			places = append(places, i)
		}
	}
	return places
}

func (w *waitingLines) done(place int) {
	if !w.lines[place].done {
		w.lines[place].done = true
		w.left--
	}
}

// wait notes that a line needs one of these ids.
func (w *waitingLines) wait(place int, ids []string) {
	if w.byID == nil {
		w.byID = map[string][]int{}
	}
	for _, id := range ids {
		w.byID[id] = append(w.byID[id], place)
	}
}

// wake readies the lines that wait for an id.
func (w *waitingLines) wake(id string) {
	if places, ok := w.byID[id]; ok {
		w.woken = append(w.woken, places...)
		delete(w.byID, id)
	}
}

// ready are the places of woken lines, each once, in order.
func (w *waitingLines) ready() []int {
	places := w.woken
	w.woken = nil
	slices.Sort(places)
	return slices.DeleteFunc(slices.Compact(places), func(p int) bool { return w.lines[p].done })
}

func (w *waitingLines) close() error {
	if w.file == nil {
		return nil
	}
	return errors.Join(w.file.Close(), os.Remove(w.file.Name()))
}

// made are the ids by which other lines can name what a change made.
func made(c *graph.Change) []string {
	switch {
	case c.PutDocument != nil:
		return []string{norm.NFC.String(c.PutDocument.ID)}
	case c.PutRelationType != nil:
		return []string{c.PutRelationType.ID}
	case c.PutEntity != nil:
		ids := []string{norm.NFC.String(c.PutEntity.ID)}
		for _, x := range c.PutEntity.ExternalIDs.Value {
			ids = append(ids, norm.NFC.String(x.Scheme+":"+x.Value))
		}
		return ids
	}
	return nil
}

var pathPart = regexp.MustCompile(`[^.\[\]]+`)

// missing are the ids that a line names at the places where nothing was found.
func missing(raw []byte, problems []Problem) []string {
	var l any
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil
	}
	if m, ok := l.(map[string]any); ok && fromReject(raw) {
		if l = m["input"]; l == nil {
			return nil
		}
		if s, ok := l.(string); ok {
			return missing([]byte(s), problems)
		}
	}
	var ids []string
	for _, p := range problems {
		if p.Code != graph.CodeNotFound {
			continue
		}
		v := l
		for _, part := range pathPart.FindAllString(p.Path, -1) {
			v = inside(v, part)
		}
		if s, ok := v.(string); ok {
			ids = append(ids, norm.NFC.String(strings.TrimSpace(s)))
		}
	}
	return ids
}

func inside(v any, part string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[part]
	case []any:
		if i, err := strconv.Atoi(part); err == nil && i < len(v) {
			return v[i]
		}
	}
	return nil
}
