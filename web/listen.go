package web

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer is an HTTP server for a handler of this package, with limits on
// how long a client may take. Downloads and uploads set limits of their own.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       stallTimeout,
		WriteTimeout:      2 * stallTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
