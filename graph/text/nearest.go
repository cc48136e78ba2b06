package text

import (
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	maxNearest = 120 // code points of a nearest passage
	chunkLen   = 64  // code points compared at once, one bit each
	maxChunks  = 8   // pieces of a long quote that are looked for
	// scanBudget bounds the search: steps of one code point of the text for one
	// piece of the quote.
	scanBudget = 4 << 20
)

// nearest returns the passage of the text that is most like words and its offset
// in code points; "" and -1 if more than half of the code points would have to
// change everywhere.
//
// Pieces of the quote of up to 64 code points, evenly spread, are each compared
// with every place of the text by Myers' bit-parallel edit distance (G. Myers, "A
// fast bit-vector algorithm for approximate string matching", J. ACM 46, 1999),
// without regard to case and to the shapes of quotation marks, dashes and spaces.
// In texts of more than 4 million code points only the beginning is looked at.
func (ix *Index) nearest(words string) (string, int) {
	quote := []rune(words)
	chunks := min(maxChunks, (len(quote)+chunkLen-1)/chunkLen, max(1, scanBudget/(ix.count+1)))
	best := alignment{distance: math.MaxInt}
	for i := range chunks {
		from := 0
		if i > 0 {
			from = (len(quote) - chunkLen) * i / (chunks - 1)
		}
		chunk := quote[from:min(len(quote), from+chunkLen)]
		if a := ix.align(chunk); a.distance < best.distance {
			best = a
			best.from, best.length = from, len(chunk)
		}
		if best.distance == 0 {
			break
		}
	}
	if best.distance*2 > best.length {
		return "", -1
	}
	start, end := ix.excerpt(quote, best)
	passage, ok := ix.Slice(start, end)
	if !ok || passage == "" {
		return "", -1
	}
	return passage, start
}

// alignment is where a piece of a quote fits the text best.
type alignment struct {
	distance     int // edits between piece and passage
	start, end   int // the passage in the text, code points
	from, length int // the piece in the quote, code points
}

// align finds the passage with the smallest edit distance to a piece of at most
// chunkLen code points, the first if several have it.
func (ix *Index) align(chunk []rune) alignment {
	var likes likeness
	likes.fill(chunk)
	var (
		plus  = ^uint64(0) // rows where the distance grows by one downwards
		minus uint64       // rows where it shrinks
		last  = uint64(1) << (len(chunk) - 1)
		score = len(chunk)
		best  = alignment{distance: math.MaxInt}
		n     = 0
		at    = 0 // byte offset of the end of the best passage
	)
	for i, r := range ix.text {
		if n == scanBudget {
			break
		}
		n++
		eq := likes.of(r)
		xv := eq | minus
		xh := (((eq & plus) + plus) ^ plus) | eq
		up, down := minus|^(xh|plus), plus&xh
		if up&last != 0 {
			score++
		}
		if down&last != 0 {
			score--
		}
		up, down = up<<1, down<<1
		plus, minus = down|^(xv|up), up&xv
		if score < best.distance {
			best.distance, best.end = score, n
			at = i + utf8.RuneLen(r)
			if r == utf8.RuneError {
				_, size := utf8.DecodeRuneInString(ix.text[i:])
				at = i + size
			}
			if score == 0 {
				break
			}
		}
	}
	if best.distance < math.MaxInt {
		best.start = best.end - passageLength(&likes, len(chunk), ix.text[:at])
	}
	return best
}

// passageLength returns how many code points at the end of text belong to the
// passage that is most like the piece: the edit distance of the reversed piece to
// the reversed prefixes of a window twice its length.
func passageLength(likes *likeness, length int, text string) int {
	row := make([]int, length+1) // distance of the piece's last i code points
	for i := range row {
		row[i] = i
	}
	bestLength, bestDistance := 0, length
	for n := 1; n <= 2*length && text != ""; n++ {
		r, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
		eq := likes.of(r)
		diagonal := row[0]
		row[0] = n
		for i := 1; i <= length; i++ {
			cost := diagonal
			if eq>>(length-i)&1 == 0 {
				cost++
			}
			diagonal = row[i]
			row[i] = min(cost, row[i]+1, row[i-1]+1)
		}
		if row[length] < bestDistance {
			bestLength, bestDistance = n, row[length]
		}
	}
	return bestLength
}

// excerpt chooses which code points of the text to show for an alignment: the
// passage with its words completed or, of a longer quote, the surroundings of the
// first difference.
func (ix *Index) excerpt(quote []rune, a alignment) (start, end int) {
	if len(quote) <= chunkLen {
		return ix.wholeWords(a.start, a.end)
	}
	middle := (a.start + a.end) / 2
	if a.distance == 0 {
		middle = ix.firstDifference(quote, a)
	}
	start = max(0, middle-maxNearest/2)
	return start, min(ix.count, start+maxNearest)
}

// firstDifference returns the offset in the text where it departs from the quote,
// going left from a piece that fits, and then right.
func (ix *Index) firstDifference(quote []rune, a alignment) int {
	at, i := ix.byteNear(a.start), a.from
	for i > 0 && at > 0 {
		r, size := utf8.DecodeLastRuneInString(ix.text[:at])
		if r != quote[i-1] {
			break
		}
		at -= size
		i--
	}
	if i > 0 {
		return a.start - (a.from - i)
	}
	at, i = ix.byteNear(a.start), a.from
	for i < len(quote) && at < len(ix.text) {
		r, size := utf8.DecodeRuneInString(ix.text[at:])
		if r != quote[i] {
			break
		}
		at += size
		i++
	}
	return a.start + (i - a.from)
}

// wholeWords widens a passage to the borders of the words it begins and ends in,
// by at most 12 code points on either side.
func (ix *Index) wholeWords(start, end int) (int, int) {
	const most = 12
	from, to := ix.byteNear(start), ix.byteNear(end)
	before, after := 0, 0
	for text := ix.text[:from]; text != ""; before++ {
		r, size := utf8.DecodeLastRuneInString(text)
		if before == most || !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			break
		}
		text = text[:len(text)-size]
	}
	for text := ix.text[to:]; text != ""; after++ {
		r, size := utf8.DecodeRuneInString(text)
		if after == most || !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			break
		}
		text = text[size:]
	}
	return start - before, end + after
}

// likeness is a hash table from a code point to the set of positions of a piece,
// one bit each, that hold it or something that passes for it. The zero value is
// empty.
type likeness struct {
	keys [1 << likenessBits]rune // code point + 1; 0 is free
	bits [1 << likenessBits]uint64
}

// likenessBits makes the table at least twice as large as what 64 code points,
// each with all of its variants, can fill.
const likenessBits = 11

func (l *likeness) slot(r rune) int {
	i := int(uint32(r+1) * 2654435769 >> (32 - likenessBits)) // Fibonacci hashing
	for l.keys[i] != 0 && l.keys[i] != r+1 {
		i = (i + 1) & (1<<likenessBits - 1)
	}
	return i
}

func (l *likeness) of(r rune) uint64 { return l.bits[l.slot(r)] }

func (l *likeness) add(r rune, position int) {
	i := l.slot(r)
	l.keys[i] = r + 1
	l.bits[i] |= 1 << position
}

// variants are code points that pass for one another in a nearest passage.
var variants = [][]rune{
	{'"', '“', '”', '„', '‟', '«', '»', '″'},
	{'\'', '‘', '’', '‚', '‛', '‹', '›', '′', 'ʼ', '`'},
	{'-', '‐', '‑', '‒', '–', '—', '―', '−'},
	{' ', '\n', '\t', '\u00a0', '\u2002', '\u2003', '\u2009', '\u200a', '\u202f'},
}

// fill enters the code points of a piece with their variants and cases.
func (l *likeness) fill(piece []rune) {
	for i, r := range piece {
		l.add(r, i)
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			l.add(f, i)
		}
		for _, class := range variants {
			if !slices.Contains(class, r) {
				continue
			}
			for _, v := range class {
				l.add(v, i)
			}
		}
	}
}
