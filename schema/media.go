package schema

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// mediaType is one in which answers are given.
type mediaType string

const (
	mediaNone    mediaType = ""
	mediaJSON    mediaType = "application/json"
	mediaGraphQL mediaType = "application/graphql-response+json"
)

func (m mediaType) orJSON() mediaType {
	if m == mediaNone {
		return mediaJSON
	}
	return m
}

// status is the HTTP status of an answer. With application/json it is 200 for
// every answer of GraphQL, since a proxy on the way may have made any other
// status. With application/graphql-response+json a request that was refused
// before anything was executed gets the status of its first error.
func (m mediaType) status(resp *graphql.Response) int {
	if m != mediaGraphQL || len(resp.Data) > 0 || len(resp.Errors) == 0 {
		return http.StatusOK
	}
	if s, ok := httpStatus[codeOf(resp.Errors[0])]; ok {
		return s
	}
	return http.StatusBadRequest
}

// negotiate picks the media type of the answer from the Accept headers. Without
// any, and for wildcards, it is application/json; named with equal weight, the other one.
func negotiate(accept []string) mediaType {
	header := strings.Join(accept, ",")
	if strings.TrimSpace(header) == "" {
		return mediaJSON
	}
	ranges := strings.Split(header, ",")
	plain, exactPlain := weight(ranges, mediaJSON)
	graphQL, exactGraphQL := weight(ranges, mediaGraphQL)
	switch {
	case plain == 0 && graphQL == 0:
		return mediaNone
	case graphQL > plain, graphQL == plain && exactGraphQL >= exactPlain && exactGraphQL == namedFully:
		return mediaGraphQL
	}
	return mediaJSON
}

// How closely a media range names a media type.
const (
	notNamed = iota
	anyType
	anySubtype
	namedFully
)

// weight is the quality that the closest of the ranges gives a media type, and how close that is.
func weight(ranges []string, m mediaType) (quality float64, closest int) {
	for _, r := range ranges {
		name, params, err := mime.ParseMediaType(r)
		if err != nil || !isUTF8(params["charset"]) {
			continue
		}
		closeness := notNamed
		switch name {
		case string(m):
			closeness = namedFully
		case "application/*":
			closeness = anySubtype
		case "*/*":
			closeness = anyType
		}
		if closeness > closest {
			quality, closest = 1, closeness
			if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
				quality = q
			}
		}
	}
	return quality, closest
}

// isUTF8 accepts a charset parameter that is left out, too.
func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// mediaEvents is the media type of a stream of events.
const mediaEvents mediaType = "text/event-stream"

// acceptsEvents tells whether the Accept headers name the media type of a stream of events. A
// wildcard does not: a program that reads any media type still expects an answer that ends.
func acceptsEvents(accept []string) bool {
	quality, closest := weight(strings.Split(strings.Join(accept, ","), ","), mediaEvents)
	return closest == namedFully && quality > 0
}
