//go:build !unix

package bench

import "time"

// processCPU is not known here; the tables then show 0.
func processCPU() time.Duration { return 0 }
