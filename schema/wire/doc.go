// Package wire holds the values that exist only in GraphQL: how scalars and
// enums are written and read, connections, and the inputs and payloads of mutations.
//
// Two rules hold for all of it. In package graph an absent text is an empty
// string; here it becomes null wherever the schema allows null. And a value that
// cannot be read is a [graph.Error] of kind BadInput, whose message says what
// would be right, so that callers see it as their mistake and not as a fault.
package wire
