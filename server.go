// Chancery keeps a sourced record of who met, proposed, rejected or warned whom,
// about what and when, and answers questions about it over GraphQL.
//
// Without arguments it serves what is in ./data on 127.0.0.1:8080; "chancery
// help" says what else it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"chancery/internal/command"
)

func main() { os.Exit(run()) }

// run runs the command line. The first signal to stop ends it in order, a second one at once.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return command.Run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
}
