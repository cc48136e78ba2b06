package badger

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/dgraph-io/badger/v4/fb"

	"chancery/store"
)

// verifyTable reads a table file of Badger and fails with store.ErrCorrupt when
// its index or one of its blocks does not match its checksum. Badger's own check
// panics, or ends the process, on some kinds of damage; this one reads the file
// with bounds and without mapping it. read is told of the bytes read.
//
// A table is a row of blocks, then the index (a flatbuffer) which has the offset
// and length of each, then the footer. A block is its entries, then the length of
// its checksum in 4 bytes at its very end, before that the checksum (a protobuf
// message), computed over all that comes before. The footer is the length of
// the index, its checksum and the length of that. Numbers are big-endian.
func verifyTable(name string, read func(bytes int)) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	defer func() {
		if cause := recover(); cause != nil { // of the flatbuffer
			err = fmt.Errorf("%w: the index of %s makes no sense: %v", store.ErrCorrupt, name, cause)
		}
	}()
	index, start, err := tableIndex(f)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", store.ErrCorrupt, name, err)
	}
	read(len(index))
	blocks := fb.GetRootAsTableIndex(index, 0)
	in := bufio.NewReaderSize(f, int(min(start, 1<<20)))
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var at int64
	var block []byte
	var offset fb.BlockOffset
	for i := range blocks.OffsetsLength() {
		blocks.Offsets(&offset, i)
		if int64(offset.Offset()) != at || at+int64(offset.Len()) > start {
			return fmt.Errorf("%w: %s: block %d is not where it should be", store.ErrCorrupt, name, i)
		}
		block = append(block[:0], make([]byte, offset.Len())...)
		if _, err := io.ReadFull(in, block); err != nil {
			return fmt.Errorf("%w: %s: block %d at offset %d: %w", store.ErrCorrupt, name, i, at, err)
		}
		if err := verifyBlock(block); err != nil {
			return fmt.Errorf("%w: %s: block %d at offset %d: %w", store.ErrCorrupt, name, i, at, err)
		}
		at += int64(offset.Len())
		read(len(block))
	}
	if at != start {
		return fmt.Errorf("%w: %s: %d bytes between the last block and the index", store.ErrCorrupt, name, start-at)
	}
	return nil
}

// tableIndex reads and checks the index of a table and tells where it begins.
func tableIndex(f *os.File) (index []byte, start int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	at := info.Size()
	back := func(n uint32) ([]byte, error) {
		if int64(n) > at {
			return nil, fmt.Errorf("the file is too short for its footer")
		}
		at -= int64(n)
		part := make([]byte, n)
		_, err := f.ReadAt(part, at)
		return part, err
	}
	number := func() (uint32, error) {
		part, err := back(4)
		if err != nil {
			return 0, err
		}
		return binary.BigEndian.Uint32(part), nil
	}
	var parts [2][]byte // the checksum, the index
	for i := range parts {
		n, err := number()
		if err != nil {
			return nil, 0, err
		}
		if parts[i], err = back(n); err != nil {
			return nil, 0, err
		}
	}
	return parts[1], at, verifySum(parts[1], parts[0])
}

// verifyBlock checks one block as it is on disk.
func verifyBlock(block []byte) error {
	end := len(block) - 4
	if end < 0 {
		return fmt.Errorf("%d bytes are too few", len(block))
	}
	n := int64(binary.BigEndian.Uint32(block[end:]))
	if n > int64(end) {
		return fmt.Errorf("a checksum of %d bytes is too long", n)
	}
	at := end - int(n)
	return verifySum(block[:at], block[at:end])
}

// verifySum checks data against a message badgerpb4.Checksum: field 1 is the
// algorithm, of which only 0, CRC-32C, is used; field 2 is the sum.
func verifySum(data, message []byte) error {
	var fields [3]uint64
	for len(message) > 0 {
		field := message[0] >> 3
		value, n := binary.Uvarint(message[1:])
		if message[0]&7 != 0 || field == 0 || field > 2 || n <= 0 {
			return fmt.Errorf("the checksum cannot be read")
		}
		fields[field] = value
		message = message[1+n:]
	}
	if fields[1] != 0 {
		return fmt.Errorf("the checksum is of unknown kind %d", fields[1])
	}
	if sum := crc32.Checksum(data, castagnoli); uint64(sum) != fields[2] {
		return fmt.Errorf("checksum %08x is stored, %08x is computed", fields[2], sum)
	}
	return nil
}
