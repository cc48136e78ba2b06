// Package command is the command line: one table of commands, one table of
// settings, and a file for each command.
//
// [Run] is the whole program with everything it needs from outside as
// arguments, so that tests run it like a user does. It returns 0 when the
// command was done, 1 when it failed and 2 when it was used wrongly.
package command
