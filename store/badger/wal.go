package badger

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/dgraph-io/badger/v4/y"

	"chancery/store"
)

// Badger's write-ahead logs: logHeader bytes, then entries, then zeros up to
// the size it was made with. An entry is two bytes of flags; the lengths of key and value and an
// expiry as uvarints; key and value; CRC-32C of all that, big-endian. A commit
// ends with an entry with the flag finFlag, the key finKey and the number of the commit, in the key
// as well as in decimal as the value.
const (
	logSuffix = ".mem"
	logHeader = 20
	finFlag   = 0x80
	finKey    = "!badger!txn"
	maxLogKey = store.MaxKey + 1 + 8 // escaped, with the number of the commit
)

// inspectLogs looks for damage in the logs, which are there when the store was not
// closed. Badger takes the first entry that it cannot read for the end of what
// was written before a crash, and drops all commits behind it.
//
// This engine starts a commit only when the one before is durable. So of a crash
// at most the last commit can be incomplete, and a complete commit behind
// one that is not means damage. Damage to the very last commit looks as a
// crash does, and is treated as one.
func inspectLogs(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*"+logSuffix))
	if err != nil {
		return fmt.Errorf("store/badger: %w", err)
	}
	slices.Sort(names) // their names are numbers of five digits
	var cut logState   // of the newest log that ends in the middle of a commit
	var last uint64
	for _, name := range names {
		state, err := readLog(name)
		if err != nil {
			return fmt.Errorf("store/badger: reading %s: %w", name, err)
		}
		if cut.name != "" && (state.last > last || len(state.behind) > 0) {
			return cut.damaged()
		}
		if state.broken(last) {
			return state.damaged()
		}
		if state.cut {
			cut = state
		}
		last = max(last, state.last)
	}
	return nil
}

// logState is what was found in one log.
type logState struct {
	name   string
	end    int64    // offset behind the last complete commit that Badger will read
	last   uint64   // the number of that, 0 if there is none
	cut    bool     // something is behind it
	behind []uint64 // complete ends of commits there
}

// broken reports whether there are more commits behind the end than the one
// that a crash may have cut, given the last commit of the logs before.
func (l logState) broken(before uint64) bool {
	last := max(before, l.last)
	for _, n := range l.behind {
		if last > 0 && n > last+1 {
			return true
		}
	}
	return len(l.behind) > 1
}

func (l logState) damaged() error {
	return fmt.Errorf("%w: %s: the commit at offset %d cannot be read, but later ones are there", store.ErrCorrupt, l.name, l.end)
}

// readLog reads one log to its end.
func readLog(name string) (logState, error) {
	l := logState{name: name, end: logHeader}
	f, err := os.Open(name)
	if err != nil {
		return l, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(f, logHeader, 1<<62), 1<<20)
	at := int64(logHeader)
	for {
		entry, size, err := readEntry(in)
		if err != nil {
			return l, err
		}
		if entry == nil {
			break
		}
		at += size
		if n, ok := entry.end(); ok {
			l.end, l.last = at, n
		}
	}
	return l, l.readBehind(f)
}

// logEntry is one entry of a log.
type logEntry struct {
	flags      byte
	key, value []byte
}

// end reports whether e ends a commit, and which.
func (e *logEntry) end() (uint64, bool) {
	if e.flags&finFlag == 0 || len(e.key) != len(finKey)+8 || string(e.key[:len(finKey)]) != finKey {
		return 0, false
	}
	n, err := strconv.ParseUint(string(e.value), 10, 64)
	return n, err == nil && n == y.ParseTs(e.key)
}

// readEntry returns nil when no readable entry is next.
func readEntry(in *bufio.Reader) (*logEntry, int64, error) {
	sum := crc32.New(castagnoli)
	var head [2 + 3*binary.MaxVarintLen64]byte
	peeked, err := in.Peek(len(head))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	var numbers [3]uint64 // length of the key, of the value, expiry
	at := 2
	for i := range numbers {
		if at > len(peeked) {
			return nil, 0, nil
		}
		n, size := binary.Uvarint(peeked[at:])
		if size <= 0 {
			return nil, 0, nil
		}
		numbers[i] = n
		at += size
	}
	if numbers[0] == 0 || numbers[0] > maxLogKey || numbers[1] > 1<<20 {
		return nil, 0, nil
	}
	size := at + int(numbers[0]+numbers[1]) + crc32.Size
	raw := make([]byte, size)
	if _, err := io.ReadFull(in, raw); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, 0, nil
	} else if err != nil {
		return nil, 0, err
	}
	body := raw[:size-crc32.Size]
	sum.Write(body)
	if sum.Sum32() != binary.BigEndian.Uint32(raw[len(body):]) {
		return nil, 0, nil
	}
	key := body[at : at+int(numbers[0])]
	return &logEntry{flags: raw[0], key: key, value: body[at+len(key):]}, int64(size), nil
}

// readBehind looks for what follows the end.
func (l *logState) readBehind(f *os.File) error {
	const chunk, overlap = 1 << 20, 64 // an entry that ends a commit is shorter than overlap
	buf := make([]byte, chunk)
	for at := l.end; ; at += chunk - overlap {
		n, err := f.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		part := buf[:n]
		l.cut = l.cut || len(bytes.TrimLeft(part, "\x00")) > 0
		for from := 0; ; {
			i := bytes.Index(part[from:], []byte(finKey))
			if i < 0 {
				break
			}
			from += i + len(finKey)
			start := from - len(finKey) - 5 // two flags and three numbers below 128
			if start < 0 {
				continue
			}
			entry, _, err := readEntry(bufio.NewReader(bytes.NewReader(part[start:])))
			if err != nil || entry == nil {
				continue
			}
			if n, ok := entry.end(); ok && !slices.Contains(l.behind, n) {
				l.behind = append(l.behind, n)
			}
		}
		if n < len(buf) {
			return nil
		}
	}
}
