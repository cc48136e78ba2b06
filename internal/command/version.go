package command

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// buildVersion is the module's version or, in a build from a work tree, "dev" with the commit where it is known.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	out := "dev"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			out += "-" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			out += "-modified"
		}
	}
	return out
}

func version(_ context.Context, s *session) error {
	if s.on("json") {
		return json.NewEncoder(s.stdout).Encode(map[string]string{"version": buildVersion(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	_, err := fmt.Fprintf(s.stdout, "%s %s (%s, %s/%s)\n", program, buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
