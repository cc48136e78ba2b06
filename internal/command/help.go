package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
)

func help(_ context.Context, s *session) error {
	if s.on("markdown") {
		_, err := io.WriteString(s.stdout, settingsMarkdown())
		return err
	}
	if len(s.args) == 0 {
		return writeHelp(s.stdout)
	}
	if len(s.args) > 1 {
		return wrongUse("help takes one command; got %q as well", s.args[1])
	}
	c := findCommand(s.args[0])
	if c == nil {
		return wrongUse("there is no command %q%s", s.args[0], likelyCommand(s.args[0]))
	}
	return writeCommandHelp(s.stdout, c)
}

func writeHelp(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s keeps a sourced record of who met, proposed, rejected or warned whom.\n\nUsage: %s [COMMAND] [FLAGS]\n\nCommands:\n", program, program)
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-8s %s\n", c.name, c.about)
	}
	fmt.Fprintf(&b, `
%[1]s help COMMAND shows the flags of a command. Every flag can also be given as
an environment variable: --log-level as CHANCERY_LOG_LEVEL.

Exit codes: 0 done, 1 failed, 2 wrong usage.
`, program)
	_, err := w.Write(b.Bytes())
	return err
}

func writeCommandHelp(w io.Writer, c *command) error {
	var b bytes.Buffer
	line := strings.TrimSpace(program + " " + c.name + " " + c.arguments)
	mine := settingsOf(c.name)
	if len(mine) > 0 {
		line += " [FLAGS]"
	}
	fmt.Fprintf(&b, "Usage: %s\n\n%s.\n", line, sentence(c.about))
	if c.details != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(c.details))
	}
	if len(mine) > 0 {
		fmt.Fprint(&b, "\nFlags:\n")
	}
	for _, s := range mine {
		names := "--" + s.name
		if s.short != "" {
			names = "-" + s.short + ", " + names
		}
		if s.value != "" {
			names += " " + s.value
		}
		fmt.Fprintf(&b, "  %s\n%s      default %s; environment %s\n", names, wrapped(s.about, 72, "      "), s.shown(), s.env())
	}
	_, err := w.Write(b.Bytes())
	return err
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// wrapped breaks a text into lines of at most width letters, each indented and ended.
func wrapped(s string, width int, indent string) string {
	var b strings.Builder
	n := 0
	for word := range strings.FieldsSeq(s) {
		switch {
		case n == 0:
			b.WriteString(indent)
		case n+1+len(word) > width:
			b.WriteString("\n" + indent)
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += len(word)
	}
	b.WriteByte('\n')
	return b.String()
}

// settingsMarkdown is docs/settings.md.
func settingsMarkdown() string {
	var b strings.Builder
	b.WriteString(`# Settings

Each setting is a flag of one or more commands and an environment variable; the
flag wins. An empty variable counts as not set. A switch is on as ` + "`--name`" + ` and off as ` + "`--name=false`" + `.

This file is made from the table in ` + "`internal/command/settings.go`" + `: run
` + "`go run . help --markdown > docs/settings.md`" + ` after changing it.

| flag | environment | default | commands | what it does |
|---|---|---|---|---|
`)
	for i := range settings {
		s := &settings[i]
		name := "`--" + s.name
		if s.value != "" {
			name += " " + s.value
		}
		name += "`"
		if s.short != "" {
			name += ", `-" + s.short + "`"
		}
		fallback := s.shown()
		if s.fallback != "" {
			fallback = "`" + fallback + "`"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", name, s.env(), fallback, strings.Join(s.commands, ", "), s.about)
	}
	b.WriteString("\n## Commands\n\n| command | does |\n|---|---|\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.TrimSpace(program+" "+c.name+" "+c.arguments), c.about)
	}
	b.WriteString("\nExit codes: 0 done, 1 failed, 2 wrong usage.\n")
	return b.String()
}
