package web

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chancery/graph"
)

// metrics are the figures of one service, in a registry of their own.
type metrics struct {
	registry *prometheus.Registry
	inFlight prometheus.Gauge
	seconds  *prometheus.HistogramVec // by route and class of status
}

func newMetrics(g *graph.Graph, version string, log *slog.Logger) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "chancery_http_requests_in_flight", Help: "Requests being answered now."}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "chancery_http_request_duration_seconds", Help: "Time to answer requests, by route and class of status.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60},
		}, []string{"route", "status"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "chancery_build_info", Help: "Always 1; the labels say which version runs on which storage engine.",
		ConstLabels: prometheus.Labels{"version": version, "engine": g.Engine()},
	})
	build.Set(1)
	m.registry.MustRegister(m.inFlight, m.seconds, build, graphCollector{g, log},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, Timeout: 10 * time.Second})
}

// begin counts a request in. The function it returns counts it out.
func (m *metrics) begin(rt *route) func(status int) {
	name, began := "other", time.Now()
	if rt != nil {
		name = rt.path
	}
	m.inFlight.Inc()
	return func(status int) {
		m.inFlight.Dec()
		m.seconds.WithLabelValues(name, strconv.Itoa(status/100)+"xx").Observe(time.Since(began).Seconds())
	}
}

// graphCollector reads the figures of a graph when they are asked for.
type graphCollector struct {
	graph *graph.Graph
	log   *slog.Logger
}

func describe(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("chancery_"+name, help, nil, nil)
}

// What is told of a graph.
var (
	descRevision  = describe("graph_revision", "Revision of the newest commit.")
	descDocuments = describe("graph_documents", "Documents in the graph.")
	descEntities  = describe("graph_entities", "Entities in the graph; merged ones count once.")
	descRelations = describe("graph_relations", "Live relations in the graph.")
	descCitations = describe("graph_citations", "Live citations in the graph.")

	descTopology       = describe("topology_bytes", "Memory of the relations kept for questions over many hops.")
	descSearchRevision = describe("search_revision", "Revision up to which quotes and documents can be searched.")
	descSearchLag      = describe("search_lag_commits", "Commits that the index of quotes and documents has not seen yet.")

	descWaiting  = describe("commit_requests_waiting", "Writes in the queue of the committer now.")
	descLargest  = describe("commit_largest_batch_requests", "Most writes that one transaction has carried.")
	descRequests = describe("commit_requests_total", "Writes answered, whatever the answer.")
	descRefused  = describe("commit_refused_total", "Writes that were refused or wrote nothing.")
	descBatches  = describe("commit_batches_total", "Transactions committed.")
	descRetries  = describe("commit_retries_total", "Transactions run again because of a conflict.")
	descSplits   = describe("commit_splits_total", "Batches cut because one more write would have passed the limits.")
	descFailures = describe("commit_failures_total", "Transactions that could not be committed.")

	descFeeds   = describe("feeds_open", "Followers of changes now, over any protocol.")
	descTold    = describe("feed_batches_total", "Commits told to followers.")
	descDropped = describe("feed_dropped_total", "Followers dropped because they did not read.")
)

// Describe implements prometheus.Collector.
func (c graphCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descRevision, descDocuments, descEntities, descRelations, descCitations, descTopology, descSearchRevision, descSearchLag,
		descWaiting, descLargest, descRequests, descRefused, descBatches, descRetries, descSplits, descFailures,
		descFeeds, descTold, descDropped,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector. Figures that cannot be read are left out, and the log says why.
func (c graphCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64) { out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	count := func(d *prometheus.Desc, v uint64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v))
	}
	gauge(descTopology, float64(c.graph.TopologyBytes()))
	s := c.graph.CommitStats()
	gauge(descWaiting, float64(s.Waiting))
	gauge(descLargest, float64(s.LargestBatch))
	count(descRequests, s.Requests)
	count(descRefused, s.Refused)
	count(descBatches, s.Batches)
	count(descRetries, s.Retries)
	count(descSplits, s.Splits)
	count(descFailures, s.Failures)
	f := c.graph.FeedStats()
	gauge(descFeeds, float64(f.Open))
	count(descTold, f.Batches)
	count(descDropped, f.Dropped)

	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	v, err := c.graph.View(ctx, graph.At{})
	if err != nil {
		c.log.Error("the graph cannot be read for the metrics", "error", err)
		return
	}
	defer v.Release()
	counts, err := v.Counts(ctx)
	if err != nil {
		c.log.Error("the graph cannot be counted for the metrics", "error", err)
		return
	}
	gauge(descRevision, float64(v.Revision()))
	gauge(descDocuments, float64(counts.Documents))
	gauge(descEntities, float64(counts.Entities))
	gauge(descRelations, float64(counts.Relations))
	gauge(descCitations, float64(counts.Citations))
	if text, searched := v.TextState(); searched {
		gauge(descSearchRevision, float64(text.Revision))
		gauge(descSearchLag, float64(text.Lag))
	}
}

// countsOf reads the newest revision and its counts.
func countsOf(ctx context.Context, g *graph.Graph) (graph.Revision, graph.Counts, error) {
	v, err := g.View(ctx, graph.At{})
	if err != nil {
		return 0, graph.Counts{}, err
	}
	defer v.Release()
	counts, err := v.Counts(ctx)
	return v.Revision(), counts, err
}
