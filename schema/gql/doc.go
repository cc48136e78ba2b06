// Package gql is the GraphQL executor that gqlgen generates from the schema.
// Nothing in it but this comment is written by hand; gqlgen.yml says how it is made.
package gql
