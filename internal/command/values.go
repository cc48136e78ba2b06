package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/graph/text"
)

// usageError is a wrong use of the program: what is wrong, and what would be right.
type usageError struct{ message string }

// Error is the message.
func (e *usageError) Error() string { return e.message }

func wrongUse(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// errHelp asks for the help of a command.
var errHelp = errors.New("help")

// origin is where a value comes from; the later ones win.
type origin int

const (
	byDefault origin = iota
	byEnvironment
	byFlag
)

// values are the settings of one run, checked.
type values struct {
	text  map[string]string
	given map[string]origin
}

func (v *values) str(name string) string {
	s, ok := v.text[name]
	if !ok {
		panic("command: the setting " + name + " is not one of this command")
	}
	return s
}

func (v *values) on(name string) bool {
	on, err := strconv.ParseBool(v.str(name))
	return on && err == nil // it was checked
}

func (v *values) duration(name string) time.Duration {
	d, err := time.ParseDuration(v.str(name))
	if err != nil {
		panic("command: " + err.Error()) // it was checked
	}
	return d
}

func (v *values) count(name string) int {
	n, err := strconv.Atoi(v.str(name))
	if err != nil {
		panic("command: " + err.Error()) // it was checked
	}
	return n
}

func (v *values) list(name string) []string {
	out := []string{}
	for part := range strings.SplitSeq(v.str(name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// parse reads the flags of a command, wherever they stand among its arguments, and
// the environment where there is no flag. It returns errHelp when help is asked for.
func parse(command string, args []string, env func(string) string) (*values, []string, error) {
	v := &values{map[string]string{}, map[string]origin{}}
	mine := settingsOf(command)
	for _, s := range mine {
		v.text[s.name] = s.fallback
		if value := env(s.env()); value != "" {
			if err := s.check(value); err != nil {
				return nil, nil, wrongUse("%s: %s", s.env(), err)
			}
			v.text[s.name], v.given[s.name] = value, byEnvironment
		}
	}
	rest, err := v.flags(command, mine, args)
	return v, rest, err
}

func (v *values) flags(command string, mine []*setting, args []string) (rest []string, err error) {
	set := flag.NewFlagSet(command, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	for _, s := range mine {
		take := func(value string) error {
			if err := s.check(value); err != nil {
				return err
			}
			v.text[s.name], v.given[s.name] = value, byFlag
			return nil
		}
		names := []string{s.name}
		if s.short != "" {
			names = append(names, s.short)
		}
		for _, name := range names {
			if s.kind == kindSwitch {
				set.BoolFunc(name, s.about, take)
			} else {
				set.Func(name, s.about, take)
			}
		}
	}
	for {
		err := set.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			return nil, errHelp
		case err != nil:
			return nil, flagError(command, err)
		}
		// Parse stops at the first argument that is no flag, and behind "--".
		left := set.Args()
		if used := len(args) - len(left); used > 0 && args[used-1] == "--" {
			return append(rest, left...), nil
		}
		if len(left) == 0 {
			return rest, nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

// flagError puts an error of package flag into words that help.
func flagError(command string, err error) error {
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "flag provided but not defined: -"); ok {
		return unknownFlag(command, strings.TrimLeft(name, "-"))
	}
	if name, ok := strings.CutPrefix(message, "flag needs an argument: -"); ok {
		return wrongUse("--%s needs a value", name)
	}
	// invalid value "x" for flag -name: what is wrong; of a switch: invalid boolean value "x" for -name: what is wrong
	for _, before := range []string{" for flag -", " for -"} {
		if _, after, ok := strings.Cut(message, before); ok {
			name, why, _ := strings.Cut(after, ": ")
			return wrongUse("--%s: %s", name, why)
		}
	}
	return wrongUse("%s", message)
}

func unknownFlag(command, name string) error {
	var names []string
	for i := range settings {
		if settings[i].name == name {
			return wrongUse("--%s is not for %s, but for %s", name, command, strings.Join(settings[i].commands, ", "))
		}
		if slices.Contains(settings[i].commands, command) {
			names = append(names, settings[i].name)
		}
	}
	hint := ""
	if near := text.Nearest(name, slices.Values(names), 1); len(near) > 0 {
		hint = "; did you mean --" + near[0] + "?"
	}
	return wrongUse("%s has no flag --%s%s", command, name, hint)
}
