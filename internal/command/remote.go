package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"chancery/graph/format"
	"chancery/web"
)

// remote is a running service.
type remote struct {
	base   *url.URL
	client *http.Client
}

// service is the running service that the settings name, or nil where they name a
// store. A flag for the one wins over an environment variable for the other.
func (s *session) service() (*remote, error) {
	address := s.str("url")
	if address == "" {
		return nil, nil
	}
	if s.given["store"] == byFlag {
		if s.given["url"] == byFlag {
			return nil, wrongUse("--url and --store name two places: give one")
		}
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, wrongUse("--url: %q is no address of a service: write it like http://127.0.0.1:8080", address)
	}
	return &remote{u, &http.Client{}}, nil
}

// do sends a request. An answer other than 200 is an error in the service's words.
func (r *remote) do(ctx context.Context, method, path string, query url.Values, body io.Reader, headers map[string]string) (*http.Response, error) {
	u := *r.base.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("no answer from %s, is a service running there? %w", r.base, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // what could be read of it is shown
	var refusal struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &refusal) == nil && refusal.Error != "" {
		text = []byte(refusal.Error)
	}
	return nil, fmt.Errorf("%s answered %s: %s", r.base, resp.Status, strings.TrimSpace(string(text)))
}

// importFile sends a file and follows how it is taken. It fits importer.
func (r *remote) importFile(ctx context.Context, src io.Reader, f *format.Format, o format.ImportOptions) (*format.Report, error) {
	query := url.Values{"name": {o.File}}
	if o.Strict {
		query.Set("strict", "true")
	}
	media := format.Formats[0].MediaTypes[0]
	resp, err := r.do(ctx, http.MethodPost, "/import", query, src, map[string]string{"Content-Type": f.MediaTypes[0], "Accept": media})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	events := json.NewDecoder(resp.Body)
	for {
		var e web.ImportEvent
		if err := events.Decode(&e); err != nil {
			return nil, fmt.Errorf("the connection to %s broke off; what it told so far is written, and importing again goes on from there: %w", r.base, errors.Join(ctx.Err(), err))
		}
		switch {
		case e.Progress != nil:
			e.Progress.Total = o.Size
			o.Progress(*e.Progress)
		case e.Reject != nil:
			if err := o.Reject(*e.Reject); err != nil {
				return nil, err
			}
		default:
			if e.Error != "" {
				return e.Report, errors.New(e.Error)
			}
			return e.Report, nil
		}
	}
}

// export copies an export of the service to w.
func (r *remote) export(ctx context.Context, query url.Values, w io.Writer, progress func(bytes int64)) error {
	resp, err := r.do(ctx, http.MethodGet, "/export", query, nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, &progressReader{r: resp.Body, tell: progress}); err != nil {
		return fmt.Errorf("the export of %s broke off: %w", r.base, err)
	}
	return nil
}

// progressReader tells how much was read.
type progressReader struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

// Read reads on.
func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	p.tell(p.n)
	return n, err
}
