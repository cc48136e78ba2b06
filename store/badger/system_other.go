//go:build !(linux || darwin || freebsd)

package badger

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"chancery/store"
)

// lockFile exists while a process has the directory open for writing.
const lockFile = "LOCK.excl"

// lockDir creates lockFile, which another process must not find. Here a process
// that is killed leaves it behind, and an operator has to remove it.
func lockDir(dir string, readOnly bool) (unlock func() error, err error) {
	if readOnly {
		return func() error { return nil }, nil
	}
	name := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s (remove %s if no process uses it)", store.ErrInUse, dir, name)
	}
	if err != nil {
		return nil, fmt.Errorf("store/badger: %w", err)
	}
	return func() error { return errors.Join(f.Close(), os.Remove(name)) }, nil
}

// freeSpace is not known on this system: the guard against a full disk is off.
func freeSpace(string) (uint64, error) { return math.MaxUint64, nil }

// diskUsage is the length of a file.
func diskUsage(info fs.FileInfo) int64 { return info.Size() }

// syncDir has nothing to do: directories cannot be synced on this system.
func syncDir(string) error { return nil }
