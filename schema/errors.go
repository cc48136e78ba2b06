package schema

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
)

// Codes of errors, beside the kinds of graph.Error.
const (
	codeBadInput    = string(graph.BadInput)
	codeUnavailable = string(graph.Unavailable)
	codeTooCostly   = "TOO_COSTLY"
	codeTimeout     = "TIMEOUT"
	codeForbidden   = "FORBIDDEN"
	codeInternal    = "INTERNAL"
)

// httpStatus is the status of a request that was refused with a code, where the
// media type leaves the status to the server. Codes not listed are the caller's mistake.
var httpStatus = map[string]int{
	codeForbidden:   http.StatusForbidden,
	codeTimeout:     http.StatusGatewayTimeout,
	codeUnavailable: http.StatusServiceUnavailable,
	codeInternal:    http.StatusInternalServerError,
}

// refuse is an error with a code and, where at is not nil, a place in the document.
func refuse(code string, at *ast.Position, format string, args ...any) *gqlerror.Error {
	err := &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
	if at != nil {
		err.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return err
}

// refuseLimit is TOO_COSTLY, with the limit that was passed and by how much.
func refuseLimit(limit string, most, actual int, at *ast.Position, format string, args ...any) *gqlerror.Error {
	err := refuse(codeTooCostly, at, format, args...)
	err.Extensions["limit"], err.Extensions["max"], err.Extensions["actual"] = limit, most, actual
	return err
}

func codeOf(err *gqlerror.Error) string {
	code, _ := err.Extensions["code"].(string)
	return code
}

// presenter decides what callers see of an error: the message of a mistake of
// theirs, and of anything else only an id, under which the log has the cause.
type presenter struct {
	log   *slog.Logger
	limit int // errors of one operation that are worked out and logged
}

// omitted stands for the errors of an operation beyond the limit, which are neither shown nor logged.
var omitted = gqlerror.Error{Message: "further errors are left out"}

func (p *presenter) present(ctx context.Context, err error) *gqlerror.Error {
	if op := operationFrom(ctx); op != nil && int(op.errors.Add(1)) > p.limit {
		return &omitted
	}
	shown := &gqlerror.Error{}
	var known *gqlerror.Error
	if errors.As(err, &known) {
		shown.Message, shown.Path, shown.Locations = known.Message, known.Path, known.Locations
		shown.Extensions = known.Extensions
	}
	var domain *graph.Error
	switch {
	case errors.As(err, &domain):
		shown.Message, shown.Extensions = domain.Message, map[string]any{"code": string(domain.Kind)}
	case errors.Is(err, context.DeadlineExceeded):
		shown.Message, shown.Extensions = "the operation took too long: ask for less", map[string]any{"code": codeTimeout}
	case errors.Is(err, context.Canceled):
		shown.Message, shown.Extensions = "the operation was cancelled", map[string]any{"code": codeUnavailable}
	case known != nil && codeOf(known) == errcode.ParseFailed, known != nil && codeOf(known) == errcode.ValidationFailed:
		shown.Message, shown.Extensions = inVariable(known), map[string]any{"code": codeBadInput}
	case known != nil && codeOf(known) != "":
	default:
		p.internal(ctx, err, shown)
	}
	return shown
}

// inVariable is the message of an error with the variable it is about: gqlparser names that in the path alone.
func inVariable(err *gqlerror.Error) string {
	if len(err.Path) < 2 || err.Path[0] != ast.PathName("variable") {
		return err.Message
	}
	return "variable $" + err.Path[1:].String() + ": " + err.Message
}

// internal logs a fault under a new id and hides it behind that id.
func (p *presenter) internal(ctx context.Context, err error, shown *gqlerror.Error) {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	id := hex.EncodeToString(b[:])
	attrs := []any{slog.String("id", id), slog.Any("error", err), slog.String("path", shown.Path.String())}
	if graphql.HasOperationContext(ctx) {
		if op := graphql.GetOperationContext(ctx).Operation; op != nil {
			attrs = append(attrs, slog.String("operation", op.Name))
		}
	}
	var panicked *panicError
	if errors.As(err, &panicked) {
		attrs = append(attrs, slog.String("stack", string(panicked.stack)))
	}
	p.log.ErrorContext(ctx, "a GraphQL operation failed", attrs...)
	shown.Message = "internal error"
	shown.Extensions = map[string]any{"code": codeInternal, "id": id}
}

// panicError is a panic that was caught while a field was resolved.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// recovered turns a panic into an error. gqlparser panics over a literal number
// that no Go number holds, which is the caller's mistake.
func (p *presenter) recovered(_ context.Context, v any) error {
	if err, ok := v.(error); ok {
		var number *strconv.NumError
		if errors.As(err, &number) {
			return badInput("the number %s is out of range", number.Num)
		}
	}
	return &panicError{value: v, stack: debug.Stack()}
}
