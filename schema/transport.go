package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// transport is GraphQL over HTTP by GET and POST, as the GraphQL-over-HTTP draft
// has it: https://graphql.github.io/graphql-over-http/draft/. gqlgen's own
// transports do not limit the body, answer `data: null` where nothing was
// executed, and check and copy the answer a second time.
type transport struct {
	bodyBytes int64
	presenter *presenter
	streams   streams
}

// Supports takes every request that does not ask for a WebSocket.
func (transport) Supports(r *http.Request) bool { return !asksForSocket(r) }

// httpError is a request that does not get as far as GraphQL.
type httpError struct {
	status  int
	message string
	allow   string // for 405
}

func (e *httpError) Error() string { return e.message }

func refuseHTTP(status int, format string, args ...any) error {
	return &httpError{status: status, message: fmt.Sprintf(format, args...)}
}

// Do answers one request.
func (t transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	media, events := negotiate(r.Header.Values("Accept")), acceptsEvents(r.Header.Values("Accept"))
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			err := t.presenter.present(r.Context(), t.presenter.recovered(r.Context(), v))
			write(w, media.orJSON(), http.StatusInternalServerError, &graphql.Response{Errors: gqlerror.List{err}})
		}
	}()
	params, err := t.read(w, r)
	if media == mediaNone && !events {
		err = refuseHTTP(http.StatusNotAcceptable, "the answer is %s or %s: accept one of them", mediaGraphQL, mediaJSON)
	}
	if err != nil {
		writeHTTPError(w, media.orJSON(), err)
		return
	}
	t.execute(w, r, exec, media, events, params)
}

// execute runs an operation. Events tells that a stream of events is accepted, which a subscription needs;
// other operations are answered as one where nothing else is accepted.
func (t transport) execute(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, media mediaType, events bool, params *graphql.RawParams) {
	ctx := r.Context()
	oc, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		resp := exec.DispatchError(graphql.WithOperationContext(ctx, oc), errs)
		if media == mediaNone {
			t.streams.events(w).finish(resp)
			return
		}
		write(w, media, media.status(resp), resp)
		return
	}
	kind := oc.Operation.Operation
	switch {
	case r.Method == http.MethodGet && kind == ast.Mutation:
		writeHTTPError(w, media.orJSON(), &httpError{http.StatusMethodNotAllowed, "GET is for queries and subscriptions: send a mutation with POST", http.MethodPost})
		return
	case kind == ast.Subscription && !events:
		writeHTTPError(w, media, refuseHTTP(http.StatusNotAcceptable, "a subscription is answered as a stream: send Accept: text/event-stream, or open a WebSocket with the subprotocol %s", subprotocol))
		return
	case kind == ast.Subscription:
		t.streams.serve(w, r, exec, oc)
		return
	case media == mediaNone:
		respond, ctx := exec.DispatchOperation(ctx, oc)
		t.streams.events(w).finish(respond(ctx))
		return
	}
	respond, ctx := exec.DispatchOperation(ctx, oc)
	resp := respond(ctx)
	write(w, media, media.status(resp), resp)
}

// read takes the request apart. Whatever is wrong with it is an *httpError.
func (t transport) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, error) {
	start := graphql.Now()
	var params *graphql.RawParams
	var err error
	switch r.Method {
	case http.MethodGet:
		params, err = readURL(r)
	case http.MethodPost:
		params, err = t.readBody(w, r)
	default:
		return nil, &httpError{http.StatusMethodNotAllowed, "send GraphQL with GET or POST, not with " + r.Method, "GET, POST"}
	}
	if err != nil {
		return nil, err
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

func readURL(r *http.Request) (*graphql.RawParams, error) {
	q := r.URL.Query()
	if !q.Has("query") {
		return nil, refuseHTTP(http.StatusBadRequest, "the query is missing: give the parameter query")
	}
	params := &graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}
	for name, to := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := q.Get(name); text != "" {
			if err := decode([]byte(text), to); err != nil {
				return nil, refuseHTTP(http.StatusBadRequest, "the parameter %s is not a JSON object: %v", name, err)
			}
		}
	}
	return params, nil
}

func (t transport) readBody(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, error) {
	media, p, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != string(mediaJSON) || !isUTF8(p["charset"]) {
		return nil, refuseHTTP(http.StatusUnsupportedMediaType, "the body has to be JSON in UTF-8: send Content-Type: application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, t.bodyBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuseHTTP(http.StatusRequestEntityTooLarge, "the body has more than %d bytes: send less at a time", t.bodyBytes)
	case err != nil:
		return nil, refuseHTTP(http.StatusBadRequest, "the body could not be read to its end")
	case !utf8.Valid(body):
		return nil, refuseHTTP(http.StatusBadRequest, "the body is not valid UTF-8")
	}
	var in requestBody
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, refuseHTTP(http.StatusBadRequest, "the body is empty: send {\"query\": \"…\"}")
	}
	if err := decode(body, &in); err != nil {
		return nil, refuseHTTP(http.StatusBadRequest, "%v", err)
	}
	if in.Query == nil {
		return nil, refuseHTTP(http.StatusBadRequest, "the query is missing: send {\"query\": \"…\"}")
	}
	return in.params(r.Header), nil
}

// requestBody is an operation as a client sends it.
type requestBody struct {
	Query         *string        `json:"query"`
	OperationName *string        `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// params is the operation for the executor. There is a query.
func (in requestBody) params(h http.Header) *graphql.RawParams {
	params := &graphql.RawParams{Query: *in.Query, Variables: in.Variables, Extensions: in.Extensions, Headers: h}
	if in.OperationName != nil {
		params.OperationName = *in.OperationName
	}
	return params
}

// decode reads one JSON value and nothing after it. Numbers keep their digits.
func decode(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err := d.Decode(to)
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		wanted := "an object"
		if wrongType.Type.Kind() == reflect.String {
			wanted = "a string"
		}
		return fmt.Errorf("%s cannot be %s: give %s", wrongType.Field, article(wrongType.Value), wanted)
	case errors.As(err, &wrongType):
		return fmt.Errorf("a JSON object is wanted, not %s", article(wrongType.Value))
	case errors.As(err, &syntax):
		return fmt.Errorf("not valid JSON near byte %d: %w", syntax.Offset, err)
	case err != nil:
		return fmt.Errorf("not valid JSON: it ends too early, after byte %d", len(data))
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more follows the JSON value, near byte %d", d.InputOffset())
	}
	return nil
}

func article(noun string) string {
	if strings.HasPrefix(noun, "a") || strings.HasPrefix(noun, "o") {
		return "an " + noun
	}
	return "a " + noun
}

func writeHTTPError(w http.ResponseWriter, media mediaType, err error) {
	e := &httpError{status: http.StatusBadRequest, message: err.Error()}
	errors.As(err, &e)
	if e.allow != "" {
		w.Header().Set("Allow", e.allow)
	}
	write(w, media, e.status, &graphql.Response{Errors: gqlerror.List{refuse(codeBadInput, nil, "%s", e.message)}})
}

// write sends an answer.
func write(w http.ResponseWriter, media mediaType, status int, resp *graphql.Response) {
	parts := responseParts(resp)
	parts = append(parts, []byte("\n"))
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	h := w.Header()
	h.Set("Content-Type", string(media)+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(length))
	h.Add("Vary", "Accept")
	w.WriteHeader(status)
	for _, p := range parts {
		if _, err := w.Write(p); err != nil {
			return // the client is gone
		}
	}
}

// responseParts are the pieces of an answer's JSON. The data was written as JSON by the executor and is not looked
// at again; where nothing was executed there is none, and the field is left out.
func responseParts(resp *graphql.Response) [][]byte {
	var head, tail bytes.Buffer
	head.WriteByte('{')
	if len(resp.Errors) > 0 {
		head.WriteString(`"errors":`)
		writeJSON(&head, resp.Errors)
	}
	if len(resp.Data) > 0 {
		if len(resp.Errors) > 0 {
			head.WriteByte(',')
		}
		head.WriteString(`"data":`)
	}
	if len(resp.Extensions) > 0 {
		tail.WriteString(`,"extensions":`)
		writeJSON(&tail, resp.Extensions)
	}
	tail.WriteByte('}')
	return [][]byte{head.Bytes(), resp.Data, tail.Bytes()}
}

// writeJSON appends v, which holds strings, numbers and lists of them alone, without a line feed.
func writeJSON(buf *bytes.Buffer, v any) {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("schema: an answer cannot be written as JSON: " + err.Error())
	}
	buf.Truncate(buf.Len() - 1)
}
