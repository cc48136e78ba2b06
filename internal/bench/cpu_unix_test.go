//go:build unix

package bench

import (
	"syscall"
	"time"
)

// processCPU is the processor time that the process has used, its own and the system's for it.
func processCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
