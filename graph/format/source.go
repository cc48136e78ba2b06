package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the most memory that unpacking zstd may take, in bytes.
const maxWindow = 128 << 20

const readBuffer = 256 << 10

// source reads a file line by line, unpacking it where its first bytes say that it is packed.
type source struct {
	lines *bufio.Reader
	bytes atomic.Int64 // read from the file
	line  int          // the number of the line read last
	long  []byte
	close func()
}

func openSource(r io.Reader) (*source, error) {
	s := &source{close: func() {}}
	in := bufio.NewReaderSize(&counter{r, &s.bytes}, readBuffer)
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &SourceError{Err: err}
	}
	var plain io.Reader = in
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, &SourceError{Err: err}
		}
		plain = z
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, &SourceError{Err: err}
		}
		plain, s.close = z, z.Close
	default:
		s.lines = in
	}
	if s.lines == nil {
		s.lines = bufio.NewReaderSize(plain, readBuffer)
	}
	if mark, _ := s.lines.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, err = s.lines.Discard(3)
		return s, err
	}
	return s, nil
}

type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// SourceError says that the source of an import could not be read to its end.
type SourceError struct {
	Line int // the line that could not be read; 0 when it did not come that far
	Err  error
}

// Error says where reading ended, and why.
func (e *SourceError) Error() string {
	at := ""
	if e.Line > 0 {
		at = fmt.Sprintf("line %d: ", e.Line)
	}
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		return at + "the data end too early, they may have been cut off: fetch or send them again"
	}
	return at + "the data cannot be read: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Err }

var errLineTooLong = errors.New("line too long")

// next returns the next line without its end; it is lent until the call after.
// It returns errLineTooLong for a line beyond MaxLine, after which the next one can be read, and io.EOF after the last.
func (s *source) next() ([]byte, error) {
	s.line++
	s.long = s.long[:0]
	tooLong := false
	for {
		part, err := s.lines.ReadSlice('\n')
		switch {
		case err == nil || errors.Is(err, io.EOF) && len(part)+len(s.long) > 0:
		case errors.Is(err, bufio.ErrBufferFull):
			if tooLong = tooLong || len(s.long)+len(part) > MaxLine; !tooLong {
				s.long = append(s.long, part...)
			}
			continue
		case errors.Is(err, io.EOF):
			if tooLong {
				return nil, errLineTooLong
			}
			return nil, io.EOF
		default:
			return nil, &SourceError{s.line, err}
		}
		if tooLong || len(s.long)+len(part) > MaxLine {
			return nil, errLineTooLong
		}
		if len(s.long) > 0 {
			s.long = append(s.long, part...)
			part = s.long
		}
		return bytes.TrimRight(part, "\r\n"), nil
	}
}
