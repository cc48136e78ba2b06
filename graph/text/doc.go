// Package text holds the pure functions on text that quotes, names and ids rest
// on. It knows nothing of documents or entities.
//
// # Terms
//
// A code point is one Unicode scalar value. All offsets are in code points unless
// a name says bytes or UTF-16 units, count from 0, and are used as half-open
// ranges: start <= position < end. In text that is not valid UTF-8 each stray byte
// counts as one code point, as in a range loop.
//
// The text profile is the form in which texts are stored, see [Normalize]: valid
// UTF-8 in Unicode normalisation form C, line ends as a single line feed.
// Offsets and hashes are those of the stored form.
//
// An [Index] converts between the three units for one text.
//
// A [Quote] is what a citation says about its words: the exact words, and either
// where they stand or what stands around them. It is found or refused, never
// anchored to something similar; [NotFoundError] carries the nearest passage as a
// hint for people only.
//
// A search key ([Fold]) is a text with everything removed that people leave out
// when they search: case, accents, width, double spaces. A slug ([Slug]) is the
// ASCII form of a name inside an id. The key of a word of a name ([NameKey]) goes
// further than both: all ways to write the word in Latin letters, and in other scripts, have it in common.
package text
