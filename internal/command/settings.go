package command

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settingKind says which values a setting takes.
type settingKind int

const (
	kindText settingKind = iota
	kindSwitch
	kindDuration
	kindBytes
	kindNumber // a whole number from 0
	kindCount  // a whole number from 1
	kindChoice // one of the setting's choices
	kindList   // texts with commas between them
)

// setting is one thing that can be set, by flag or by environment variable.
type setting struct {
	name     string
	short    string // a second, one-letter flag
	value    string // what stands for the value in help; empty for switches
	kind     settingKind
	choices  []string
	fallback string
	about    string
	commands []string // that have it
}

// env is the environment variable of a setting.
func (s *setting) env() string {
	return "CHANCERY_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// shown is the default as help shows it.
func (s *setting) shown() string {
	if s.fallback == "" {
		return "none"
	}
	return s.fallback
}

// settings is the table of all settings: the source of flags, environment
// variables, help and docs/settings.md.
var settings = []setting{
	{name: "store", value: "URL", fallback: "badger:./data", commands: []string{"serve", "import", "export", "verify", "stats"},
		about: "Where the graph is: badger:DIR for a directory, memory: for nothing that lasts."},
	{name: "listen", value: "ADDRESS", fallback: "127.0.0.1:8080", commands: []string{"serve"},
		about: "Address to serve on. One that other machines can reach needs --read-only, because everybody who reaches the service may write."},
	{name: "read-only", kind: kindSwitch, fallback: "false", commands: []string{"serve"},
		about: "Refuse mutations and imports."},
	{name: "example", kind: kindSwitch, fallback: "true", commands: []string{"serve"},
		about: "Load the bundled example into an empty store."},
	{name: "search", kind: kindSwitch, fallback: "true", commands: []string{"serve"},
		about: "Keep an index of quotes and documents, in the directory search of the store's, so that they can be searched. Names can be searched without."},
	{name: "hosts", value: "NAMES", kind: kindList, commands: []string{"serve"},
		about: "Names, with commas between them, by which requests may address a service that takes writes, besides IP addresses and localhost."},
	{name: "timeout", value: "DURATION", kind: kindDuration, fallback: "10s", commands: []string{"serve"},
		about: "How long one GraphQL operation may take."},
	{name: "max-cost", value: "N", kind: kindCount, fallback: "5000", commands: []string{"serve"},
		about: "How much one GraphQL operation may cost, as @cost in the schema counts it; docs/cost.md says how."},
	{name: "drain-timeout", value: "DURATION", kind: kindDuration, fallback: "15s", commands: []string{"serve"},
		about: "How long requests under way may take to end when the service is told to stop."},
	{name: "log-level", value: "LEVEL", kind: kindChoice, choices: []string{"debug", "info", "warn", "error"}, fallback: "info",
		commands: []string{"serve", "import", "export", "verify", "stats"},
		about:    "The least weight of messages to log: debug (with every request), info, warn or error."},
	{name: "log-format", value: "FORMAT", kind: kindChoice, choices: []string{"text", "json"}, fallback: "text",
		commands: []string{"serve", "import", "export", "verify", "stats"},
		about:    "How the log is written, to standard error: text or json."},
	{name: "memory", value: "SIZE", kind: kindBytes, fallback: "1GiB", commands: []string{"serve", "import", "export", "verify", "stats"},
		about: "Memory from which on it is given back eagerly; a goal, not a bound. GOMEMLIMIT, where set, is the default instead."},
	{name: "url", value: "URL", commands: []string{"import", "export"},
		about: "A running service to import into or export from, e.g. http://127.0.0.1:8080, instead of opening the store."},
	{name: "strict", kind: kindSwitch, fallback: "false", commands: []string{"import"},
		about: "Stop at the first bad line. What stands before it stays written."},
	{name: "reject-file", value: "FILE", commands: []string{"import"},
		about: "Where bad lines go, overwriting it. Without it, to NAME.rejects.jsonl in the working directory, or a numbered name where that exists."},
	{name: "format", value: "NAME", commands: []string{"import", "export"},
		about: "Format of the file: jsonl, or one of those in docs/formats.md. Without it, what the file's name says, else jsonl."},
	{name: "output", short: "o", value: "FILE", fallback: "-", commands: []string{"export"},
		about: "File to write, packed where its name ends in .gz or .zst; - for standard output. It appears under its name when it is whole."},
	{name: "filter", value: "JSON", commands: []string{"export"},
		about: "Export the relations that meet this filter, and their ends. It is the GraphQL input RelationFilter as JSON."},
	{name: "neighborhood", value: "JSON", commands: []string{"export"},
		about: "Export what is around some entities. It is the GraphQL input NeighborhoodInput as JSON."},
	{name: "shape", value: "SHAPE", commands: []string{"export"},
		about: "What an edge stands for: relations (one relation, with its citations) or ties (all relations of a type between two entities, with a weight). Without it, relations."},
	{name: "excel", kind: kindSwitch, fallback: "false", commands: []string{"export"},
		about: "Write CSV for spreadsheets: with a byte order mark, and with an apostrophe before what would be taken for a formula."},
	{name: "revision", value: "N", kind: kindNumber, commands: []string{"export"},
		about: "Export the graph as it was after this revision. Without it, the newest."},
	{name: "repair", kind: kindSwitch, fallback: "false", commands: []string{"verify"},
		about: "Write index rows anew where they disagree with the records."},
	{name: "progress", value: "KIND", kind: kindChoice, choices: []string{"auto", "bar", "plain", "json", "none"}, fallback: "auto",
		commands: []string{"import", "export", "verify"},
		about:    "How progress is shown on standard error: bar, plain lines, json (one object for each step), none, or auto: bar on a terminal, else plain."},
	{name: "json", kind: kindSwitch, fallback: "false", commands: []string{"import", "verify", "stats", "version"},
		about: "Write the result as JSON to standard output."},
	{name: "markdown", kind: kindSwitch, fallback: "false", commands: []string{"help"},
		about: "Write the documentation of all settings as Markdown."},
}

// settingsOf are the settings that a command has.
func settingsOf(command string) []*setting {
	var out []*setting
	for i := range settings {
		if slices.Contains(settings[i].commands, command) {
			out = append(out, &settings[i])
		}
	}
	return out
}

// check says what is wrong with a value, and what would be right.
func (s *setting) check(value string) error {
	var err error
	switch s.kind {
	case kindSwitch:
		if _, err = strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
	case kindDuration:
		if d, err := time.ParseDuration(value); err != nil || d <= 0 {
			return fmt.Errorf("%q is no duration above zero: write it like 10s, 1m30s or 500ms", value)
		}
	case kindBytes:
		_, err = parseBytes(value)
	case kindNumber:
		if _, err = strconv.ParseUint(value, 10, 63); value != "" && err != nil {
			return fmt.Errorf("%q is not a whole number from 0", value)
		}
		return nil
	case kindCount:
		if n, err := strconv.ParseUint(value, 10, 31); err != nil || n == 0 {
			return fmt.Errorf("%q is not a whole number from 1 to %d", value, math.MaxInt32)
		}
	case kindChoice:
		if !slices.Contains(s.choices, value) {
			return fmt.Errorf("%q is not one of %s", value, strings.Join(s.choices, ", "))
		}
	}
	return err
}

// byteUnits are the units of sizes, longest first where one ends in another.
var byteUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

func parseBytes(s string) (int64, error) {
	for _, u := range byteUnits {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err == nil && n > 0 && n <= (1<<62)/u.bytes {
			return n * u.bytes, nil
		}
		break
	}
	return 0, fmt.Errorf("%q is no size: write it like 512MiB or 2GiB", s)
}
