package graph

import (
	"iter"
	"math/bits"
)

// numbers is a set of numbers of entities, documents or relations, which are given without gaps: one bit for each up to the largest.
type numbers struct {
	words []uint64
	count int
}

func (s *numbers) add(n uint64) {
	i := int(n / 64)
	if i >= len(s.words) {
		s.words = append(s.words, make([]uint64, i+1-len(s.words))...)
	}
	if bit := uint64(1) << (n % 64); s.words[i]&bit == 0 {
		s.words[i] |= bit
		s.count++
	}
}

func (s *numbers) has(n uint64) bool {
	i := int(n / 64)
	return i < len(s.words) && s.words[i]&(1<<(n%64)) != 0
}

// all yields the numbers, smallest first.
func (s *numbers) all() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i, w := range s.words {
			for ; w != 0; w &= w - 1 {
				if !yield(uint64(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// list are the numbers, smallest first.
func (s *numbers) list() []uint64 {
	out := make([]uint64, 0, s.count)
	for n := range s.all() {
		out = append(out, n)
	}
	return out
}
