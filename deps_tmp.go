package main

import (
	_ "github.com/99designs/gqlgen/graphql/handler"
	_ "github.com/99designs/gqlgen/graphql/handler/transport"
	_ "github.com/99designs/gqlgen/graphql/handler/lru"
	_ "github.com/dgraph-io/badger/v4"
	_ "github.com/klauspost/compress/zstd"
	_ "github.com/klauspost/compress/gzip"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/schollz/progressbar/v3"
	_ "github.com/tidwall/btree"
	_ "github.com/vektah/gqlparser/v2"
	_ "github.com/hashicorp/golang-lru/v2"
	_ "golang.org/x/text/unicode/norm"
	_ "golang.org/x/term"
	_ "pgregory.net/rapid"
)

func main() {}
