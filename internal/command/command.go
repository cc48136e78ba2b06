package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"

	"chancery/graph/text"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// name of the program.
const program = "chancery"

// command is one thing the program does.
type command struct {
	name      string
	arguments string // as help shows them
	about     string
	details   string // further paragraphs of its help
	run       func(context.Context, *session) error
}

// commands is the table of all commands.
func commands() []command {
	return []command{
		{"serve", "", "serve the graph over HTTP; what happens without a command", serveDetails, serve},
		{"import", "FILE…", "read files into the graph", importDetails, importFiles},
		{"export", "", "write the graph to a file", exportDetails, export},
		{"verify", "", "read everything and check that it agrees", verifyDetails, verify},
		{"stats", "", "say what is in the store, how large it is and how it is spread", statsDetails, stats},
		{"version", "", "say which version this is", "", version},
		{"help", "[COMMAND]", "say how to use the program or a command", "", help},
	}
}

func findCommand(name string) *command {
	all := commands()
	if i := slices.IndexFunc(all, func(c command) bool { return c.name == name }); i >= 0 {
		return &all[i]
	}
	return nil
}

// session is one run of a command.
type session struct {
	*values
	args   []string // without flags
	env    func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

// errTold is a failure of which the user was told already.
var errTold = errors.New("failed, as told before")

// Run runs the program: args are those behind its name, env looks up an
// environment variable. It ends early when ctx does. The answer is the exit code.
func Run(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := run(ctx, args, env, stdin, stdout, stderr)
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %s\nTry %s help.\n", program, usage, program)
		return exitUsage
	case errors.Is(err, errTold):
	default:
		fmt.Fprintf(stderr, "%s: %s\n", program, err)
	}
	return exitFailed
}

func run(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	name := "serve"
	switch {
	case len(args) == 0:
	case args[0] == "-h" || args[0] == "-help" || args[0] == "--help":
		name, args = "help", args[1:]
	case args[0] == "-v" || args[0] == "-version" || args[0] == "--version":
		name, args = "version", args[1:]
	case !strings.HasPrefix(args[0], "-"):
		name, args = args[0], args[1:]
	}
	c := findCommand(name)
	if c == nil {
		return wrongUse("there is no command %q%s", name, likelyCommand(name))
	}
	v, rest, err := parse(name, args, env)
	if errors.Is(err, errHelp) {
		return writeCommandHelp(stdout, c)
	}
	if err != nil {
		return err
	}
	if c.arguments == "" && len(rest) > 0 {
		return wrongUse("%s takes no arguments; got %q", name, rest[0])
	}
	s := &session{values: v, args: rest, env: env, stdin: stdin, stdout: stdout, stderr: stderr}
	if _, ok := v.text["log-level"]; ok {
		s.log = s.newLogger()
		s.limitMemory()
	}
	return c.run(ctx, s)
}

func likelyCommand(name string) string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	if near := text.Nearest(name, slices.Values(names), 1); len(near) > 0 {
		return "; did you mean " + near[0] + "?"
	}
	return "; there are " + strings.Join(names, ", ")
}

func (s *session) newLogger() *slog.Logger {
	o := &slog.HandlerOptions{}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.str("log-level"))); err == nil { // it is one of the choices
		o.Level = level
	}
	if s.str("log-format") == "json" {
		return slog.New(slog.NewJSONHandler(s.stderr, o))
	}
	return slog.New(slog.NewTextHandler(s.stderr, o))
}

// limitMemory tells the runtime the memory goal, unless GOMEMLIMIT did.
func (s *session) limitMemory() {
	if s.env("GOMEMLIMIT") != "" && s.given["memory"] == byDefault {
		return
	}
	if n, err := parseBytes(s.str("memory")); err == nil { // it was checked
		debug.SetMemoryLimit(n)
	}
}
