package graph

import (
	"encoding/binary"
	"errors"
	"math"
)

// errDamaged is the cause of every failure to decode a stored record.
var errDamaged = errors.New("graph: a stored record cannot be decoded")

// enc appends the fields of a record: unsigned varints, and strings with their length before them.
type enc []byte

func (e *enc) u(v uint64)   { *e = binary.AppendUvarint(*e, v) }
func (e *enc) i(v int)      { *e = binary.AppendVarint(*e, int64(v)) }
func (e *enc) byte(v byte)  { *e = append(*e, v) }
func (e *enc) s(v string)   { e.u(uint64(len(v))); *e = append(*e, v...) }
func (e *enc) raw(v []byte) { *e = append(*e, v...) }

func (e *enc) f(v float64) { *e = binary.BigEndian.AppendUint64(*e, math.Float64bits(v)) }

// optional integers are written one higher; 0 stands for none.
func (e *enc) opt(v *int) {
	if v == nil {
		e.u(0)
		return
	}
	e.u(uint64(*v) + 1)
}

// dec reads the fields back. After a failure bad is set and every value is zero.
type dec struct {
	b   []byte
	bad bool
}

func (d *dec) u() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *dec) i() int {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return int(v)
}

func (d *dec) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *dec) s() string { return string(d.raw(int(d.u()))) }

func (d *dec) raw(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.fail()
		return nil
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *dec) f() float64 {
	b := d.raw(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

func (d *dec) opt() *int {
	v := d.u()
	if v == 0 {
		return nil
	}
	n := int(v - 1)
	return &n
}

// count reads the length of a list whose elements take at least one byte each.
func (d *dec) count() int {
	n := d.u()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *dec) fail() { d.bad, d.b = true, nil }

// err reports whether the record was whole: every field there, nothing left over.
func (d *dec) err() error {
	if d.bad || len(d.b) > 0 {
		return errDamaged
	}
	return nil
}
