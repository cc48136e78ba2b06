package command_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// Whoever follows changes does not hold the end of the service up, and is told to come back.
func TestServeEndsWithFollowers(t *testing.T) {
	s := startServer(t, "memory:", "--drain-timeout", "1h")
	subscription := "subscription{changes{revision}}"
	var streams []*http.Response
	for _, path := range []string{"/changes", "/graphql?query=" + url.QueryEscape(subscription)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "text/event-stream")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s is answered with %s", path, resp.Status)
		}
		streams = append(streams, resp)
	}
	socket, _, err := websocket.Dial(t.Context(), s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	for _, m := range []string{`{"type":"connection_init"}`, `{"id":"1","type":"subscribe","payload":{"query":"` + subscription + `"}}`} {
		if err := socket.Write(t.Context(), websocket.MessageText, []byte(m)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := socket.Read(t.Context()); err != nil { // the acknowledgement, and the first event
			t.Fatal(err)
		}
	}
	closed := make(chan error, 1)
	go func() {
		for {
			if _, _, err := socket.Read(context.Background()); err != nil {
				closed <- err
				return
			}
		}
	}()
	if code := s.end(); code != 0 || strings.Contains(s.stderr.String(), "cut off") {
		t.Errorf("exit code %d: %s", code, s.stderr)
	}
	if err := <-closed; websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the WebSocket ends with %v", err)
	}
	for _, resp := range streams {
		text, err := io.ReadAll(resp.Body)
		if err != nil || strings.Contains(string(text), "event: complete") {
			t.Errorf("%s ends with %v: %s", resp.Request.URL, err, text)
		}
	}
}
