package format

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkDecode reads lines like those of event data: 180 to 330 bytes each.
func BenchmarkDecode(b *testing.B) {
	lines := make([][]byte, 1_000)
	size := 0
	for i := range lines {
		lines[i] = fmt.Appendf(nil, `{"relation":{"type":"consult","from":"example/e/person-%d","to":"example/e/state-%d","occurred":"2005-01-%02d",`+
			`"qualifiers":[{"role":"place","text":"Canberra, Australia"}],"citations":[{"document":"example/doc","quote":"they met for %d hours","start":%d,"locator":"row:%d"}]}}`,
			i, i%50, i%28+1, i, i*10, i)
		size += len(lines[i])
	}
	b.SetBytes(int64(size / len(lines)))
	var d decoder
	i := 0
	for b.Loop() {
		if _, _, p := d.decode(lines[i%len(lines)]); p != nil {
			b.Fatal(p)
		}
		i++
	}
	_ = bytes.MinRead
}
