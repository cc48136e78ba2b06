#!/usr/bin/env bash
# Writes a graph in every format and reads it with xmllint, Graphviz, NetworkX, igraph, rdflib and rapper.
# Usage: readers.sh CHANCERY GRAPH.jsonl[.gz]; the Debian packages are python3-networkx, python3-igraph, python3-rdflib, raptor2-utils, libxml2-utils and graphviz.
set -euo pipefail
program=$1 graph=$2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CHANCERY_STORE=badger:$scratch/store CHANCERY_PROGRESS=none CHANCERY_LOG_LEVEL=error
"$program" import --strict "$graph" >/dev/null
"$program" export -o "$scratch/graph.jsonl"
for shape in relations ties; do
  for extension in graphml gexf 12.gexf cyjs nodelink.json csv.zip dot; do
    "$program" export --shape "$shape" -o "$scratch/$shape.$extension"
  done
  xmllint --noout "$scratch/$shape".{graphml,gexf,12.gexf}
done
for extension in ttl jsonld; do
  "$program" export -o "$scratch/graph.$extension"
done
# The system's own Python has the packages, whichever comes first in the path.
/usr/bin/python3 "$here/readers.py" "$scratch"
