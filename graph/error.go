package graph

import (
	"errors"
	"fmt"
)

// ErrorKind is the kind of a failed read, as a caller outside may know it.
type ErrorKind string

// The kinds of errors. Anything that is no *Error is internal and must not be shown to users.
const (
	BadInput     ErrorKind = "BAD_INPUT"
	NotFound     ErrorKind = "NOT_FOUND"
	SnapshotGone ErrorKind = "SNAPSHOT_GONE"
	Unavailable  ErrorKind = "UNAVAILABLE"
)

// Error is a failure whose message users may read: what is wrong, where, and what would be right.
type Error struct {
	Kind    ErrorKind
	Message string
	Err     error // cause, for logs alone; may be nil
}

// Error is the message, without the cause.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func badInput(format string, args ...any) error {
	return &Error{Kind: BadInput, Message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &Error{Kind: NotFound, Message: fmt.Sprintf(format, args...)}
}

// IsNotFound tells whether err says that a node does not exist.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == NotFound
}
