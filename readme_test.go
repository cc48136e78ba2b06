package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"chancery/internal/command"
)

// fenced is the first block of a language in the README.
func fenced(t *testing.T, language string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), "```"+language+"\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatalf("the README has no block of %s", language)
	}
	return block
}

// serve starts the program on a free port and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	var log bytes.Buffer
	go func() {
		code := command.Run(ctx, []string{"serve", "--store", "memory:", "--listen", "127.0.0.1:0"}, func(string) string { return "" }, nil, in, &log)
		in.Close()
		ended <- code
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("serving ended with %d: %s", code, log.String())
		}
	})
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := address.FindString(lines.Text()); at != "" {
			go io.Copy(io.Discard, out)
			return at
		}
	}
	t.Fatal("the service did not say where it is")
	return ""
}

// TestReadmeAnswer asks the README's question and expects the README's answer.
func TestReadmeAnswer(t *testing.T) {
	query, want := fenced(t, "graphql"), fenced(t, "json")
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(serve(t)+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("the README's answer is no JSON: %v", err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("the answer is\n%s\nand the README says\n%s", got, want)
	}
}

// TestReadmeStartsAtOnce holds the first command to the top of the README.
func TestReadmeStartsAtOnce(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(readme), "\n") {
		if line == "go run ." {
			if i+1 > 15 {
				t.Errorf("go run . is on line %d; it belongs on line 15 or above", i+1)
			}
			return
		}
	}
	t.Error("the README does not say go run .")
}
