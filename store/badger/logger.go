package badger

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// logger passes Badger's messages on. Its Info is routine and becomes Debug.
type logger struct{ log *slog.Logger }

func (l logger) put(level slog.Level, format string, args []any) {
	if l.log.Enabled(context.Background(), level) {
		l.log.Log(context.Background(), level, "badger: "+strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
}

func (l logger) Errorf(format string, args ...any)   { l.put(slog.LevelError, format, args) }
func (l logger) Warningf(format string, args ...any) { l.put(slog.LevelWarn, format, args) }
func (l logger) Infof(format string, args ...any)    { l.put(slog.LevelDebug, format, args) }
func (l logger) Debugf(string, ...any)               {} // several lines a transaction
