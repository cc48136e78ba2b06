package badger

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"chancery/store"
)

// Badger keeps keys that begin with "!badger!" for itself. So the byte after a
// first '!' is this engine's: escaped for every key it was given, internal for its
// own. The order of keys is not changed by that.
const (
	bang     = '!'
	escaped  = 0x00
	internal = 0x01
)

// markerKey is written by a commit that sets nothing else, so that Badger's
// largest version, which numbers the commits, survives the compaction of deletions.
var markerKey = []byte{bang, internal}

// storedKey is key as Badger stores it. It is key itself but for a first '!'.
func storedKey(key []byte) []byte {
	if len(key) == 0 || key[0] != bang {
		return key
	}
	out := make([]byte, 0, len(key)+1)
	out = append(out, bang, escaped)
	return append(out, key[1:]...)
}

// givenKey is the reverse of storedKey. It reports false for an internal key.
func givenKey(stored []byte) ([]byte, bool) {
	if len(stored) < 2 || stored[0] != bang {
		return stored, true
	}
	if stored[1] != escaped {
		return nil, false
	}
	out := make([]byte, 0, len(stored)-1)
	out = append(out, bang)
	return append(out, stored[2:]...), true
}

// checksumSize is the length of the trailer of every stored value: CRC-32C
// (Castagnoli, RFC 3720 appendix B.4) of the stored key and the value, little-endian.
const checksumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Update(0, castagnoli, key), castagnoli, value)
}

// seal appends value and its trailer to dst.
func seal(dst, key, value []byte) []byte {
	dst = append(dst, value...)
	return binary.LittleEndian.AppendUint32(dst, checksum(key, value))
}

// unseal returns the value in raw, without copying it, or ErrCorrupt.
func unseal(key, raw []byte) ([]byte, error) {
	n := len(raw) - checksumSize
	if n < 1 {
		return nil, fmt.Errorf("%w: the value of key %q has %d bytes, too few for a value and its checksum", store.ErrCorrupt, key, len(raw))
	}
	if binary.LittleEndian.Uint32(raw[n:]) != checksum(key, raw[:n]) {
		return nil, fmt.Errorf("%w: the value of key %q does not match its checksum", store.ErrCorrupt, key)
	}
	return raw[:n:n], nil
}
