"""Reads exports with the libraries that researchers use, and compares what they find with the JSON Lines.

Usage: readers.py DIRECTORY, which holds graph.jsonl and, for each shape, SHAPE.graphml, SHAPE.gexf, SHAPE.12.gexf,
SHAPE.cyjs, SHAPE.nodelink.json, SHAPE.csv.zip and SHAPE.dot; graph.ttl and graph.jsonld.
"""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections import Counter

import igraph
import networkx
import rdflib
from urllib.parse import unquote

directory = sys.argv[1]
LISTS = {"names", "external_ids", "attributes", "qualifiers", "citations", "relation_ids"}
NUMBERS = {"weight", "stance", "citation_count", "document_count", "publisher_count", "independent_sources"}
failed = False


def path(name):
    return f"{directory}/{name}"


def normal(name, value):
    """One value in one form, whichever library it comes from; None for what is missing."""
    if value is None or value == "" or value != value:  # igraph has NaN for a missing number
        return None
    if name in LISTS:
        if isinstance(value, str):
            value = json.loads(value)
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    if name in NUMBERS:
        return float(value)
    if name == "symmetric":
        return str(value).lower() in ("true", "1", "1.0")
    return value


def record(attributes, **more):
    out = {k: normal(k, v) for k, v in {**attributes, **more}.items() if not k.startswith("_")}
    return tuple(sorted((k, v) for k, v in out.items() if v is not None))


def same(what, got, want):
    global failed
    got, want = Counter(got), Counter(want)
    if got != want:
        failed = True
        print(f"{what}: {sum((got - want).values())} too many, {sum((want - got).values())} missing")
        for sign, difference in (("+", got - want), ("-", want - got)):
            for item in list(difference)[:2]:
                print(" ", sign, item)
    else:
        print(f"{what}: {sum(got.values())} as in the graph")


def only(d, names):
    return {k: v for k, v in d.items() if k in names}


for shape, id_name in (("relations", "relation_id"), ("ties", "tie_id")):
    reference = json.load(open(path(f"{shape}.nodelink.json")))
    node_names = {k for n in reference["nodes"] for k in n} - {"id"}
    edge_names = {k for e in reference["edges"] for k in e} - {"source", "target", "key"}
    nodes = [record(only(n, node_names)) for n in reference["nodes"]]
    edges = [record(only(e, edge_names), source=e["source"], target=e["target"]) for e in reference["edges"]]
    if shape == "relations":
        lines = [json.loads(line) for line in open(path("graph.jsonl"))]
        merged = {a: j["judgement"]["keep"] for j in lines if "judgement" in j for a in j["judgement"]["absorb"]}
        ends = lambda r, end: merged.get(r[end], r[end])
        relations = [line["relation"] for line in lines if "relation" in line]
        same("the JSON Lines", [(r["type"], ends(r, "from"), ends(r, "to"), r.get("occurred"), tuple(sorted(c.get("quote", "") for c in r["citations"]))) for r in relations],
             [(e["type"], e["source"], e["target"], e.get("occurred"), tuple(sorted(c.get("quote", "") for c in e["citations"]))) for e in reference["edges"]])

    def compare(what, g):
        ids = networkx.get_node_attributes(g, "entity_id")
        same(f"{what}, {shape}, nodes", [record(only(d, node_names)) for _, d in g.nodes(data=True)], nodes)
        same(f"{what}, {shape}, edges", [record(only(d, edge_names), source=ids[a], target=ids[b]) for a, b, d in g.edges(data=True)], edges)

    compare("NetworkX, GraphML", networkx.read_graphml(path(f"{shape}.graphml")))
    compare("NetworkX, node-link", networkx.node_link_graph(reference))
    compare("NetworkX, Cytoscape", networkx.cytoscape_graph(json.load(open(path(f"{shape}.cyjs")))))
    for name in ("12.gexf", "gexf"):
        try:
            g = networkx.read_gexf(path(f"{shape}.{name}"), version="1.2draft" if name == "12.gexf" else "1.3")
        except networkx.NetworkXError as e:
            if name == "12.gexf":
                raise
            print(f"NetworkX {networkx.__version__} does not know GEXF 1.3: {e}")
            continue
        compare(f"NetworkX, {name}", g)

    g = igraph.Graph.Read_GraphML(path(f"{shape}.graphml"))
    same(f"igraph, {shape}, nodes", [record(only(v.attributes(), node_names)) for v in g.vs], nodes)
    same(f"igraph, {shape}, edges", [record(only(e.attributes(), edge_names), source=g.vs[e.source]["entity_id"], target=g.vs[e.target]["entity_id"]) for e in g.es], edges)

    with zipfile.ZipFile(path(f"{shape}.csv.zip")) as z:
        table = lambda name: list(csv.DictReader(io.TextIOWrapper(z.open(name), encoding="utf-8", newline="")))
        rename = {"Id": id_name, "Source": "source", "Target": "target", "Kind": "type", "Label": "label", "Weight": "weight"}
        found = table("edges.csv")
        got = []
        for row in found:
            row.pop("Type")
            got.append(record({rename.get(k, k): v for k, v in row.items()}))
        same(f"csv, {shape}, edges", got, [tuple(kv for kv in e if kv[0] != "citations") for e in edges])
        same(f"csv, {shape}, nodes", [record({{"Id": "entity_id", "Label": "label"}.get(k, k): v for k, v in row.items()}) for row in table("nodes.csv")], nodes)

    # gvpr reads without drawing. A backslash in plain text is read as two.
    program = r'E { printf("%s\t%s\t%s\t%s\t%s\n", $.' + id_name + ', $.tail.name, $.head.name, $.type, $.weight); }'
    out = subprocess.run(["gvpr", program, path(f"{shape}.dot")], check=True, capture_output=True, text=True).stdout
    rows = [line.replace("\\\\", "\\").split("\t") for line in out.splitlines()]
    same(f"Graphviz, {shape}, edges", [(*row[:4], float(row[4])) for row in rows],
         [(e[id_name], e["source"], e["target"], e["type"], float(e["weight"])) for e in reference["edges"]])

turtle = rdflib.Graph().parse(path("graph.ttl"), format="turtle")
linked = rdflib.Graph().parse(path("graph.jsonld"), format="json-ld")
counted = subprocess.run(["rapper", "-q", "-i", "turtle", path("graph.ttl")], check=True, capture_output=True).stdout.count(b"\n")
same("triples of Turtle in rapper, and of JSON-LD in rdflib", [counted, len(linked)], [len(turtle)] * 2)
reference = json.load(open(path("relations.nodelink.json")))["edges"]
told = lambda made, v: None if v is None else made(v)
last = lambda iri: unquote(iri.split(":", 3)[3])
for what, g in (("Turtle", turtle), ("JSON-LD", linked)):
    found = g.query("""PREFIX c: <urn:x-chancery:vocabulary:> PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?id ?from ?type ?to ?occurred ?stance ?citation ?document ?quote ?start ?end ?locator WHERE {
            ?s a rdf:Statement ; dcterms:identifier ?id ; rdf:subject ?from ; rdf:predicate ?type ; rdf:object ?to ; c:citation ?c .
            OPTIONAL { ?s c:occurred ?occurred } OPTIONAL { ?s c:stance ?stance }
            ?c dcterms:identifier ?citation ; oa:hasTarget ?target . ?target oa:hasSource ?document .
            OPTIONAL { ?target c:locator ?locator } OPTIONAL { ?target oa:hasSelector/oa:exact ?quote }
            OPTIONAL { ?target oa:hasSelector ?position . ?position oa:start ?start ; oa:end ?end } }""")
    same(f"rdflib, {what}, citations",
         [(str(r.id), last(r["from"]), last(r.type), last(r.to), told(str, r.occurred), told(int, r.stance), str(r.citation), last(r.document),
           told(str, r.quote), told(int, r.start), told(int, r.end), told(str, r.locator)) for r in found],
         [(e["relation_id"], e["source"], e["type"], e["target"], e.get("occurred"), e.get("stance"), c["id"], c["document"], c.get("quote"), c.get("start"), c.get("end"), c.get("locator"))
          for e in reference for c in e["citations"]])

sys.exit(failed)
