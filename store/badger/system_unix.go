//go:build linux || darwin || freebsd

package badger

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"chancery/store"
)

// lockFile names the process that writes to a directory, as Badger's own file of this name does.
const lockFile = "LOCK"

// lockDir takes the lock that Badger takes itself, a flock on the directory:
// for one writer, or for any number of readers. It ends with the process.
func lockDir(dir string, readOnly bool) (unlock func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("store/badger: %w", err)
	}
	how := syscall.LOCK_EX
	if readOnly {
		how = syscall.LOCK_SH
	}
	err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%w: %s%s", store.ErrInUse, dir, holder(dir)), f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store/badger: locking %s: %w", dir, err), f.Close())
	}
	if readOnly {
		return f.Close, nil
	}
	name := filepath.Join(dir, lockFile)
	if err := os.WriteFile(name, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("store/badger: %w", err), f.Close())
	}
	return func() error { return errors.Join(os.Remove(name), f.Close()) }, nil
}

// holder tells the process that holds dir for writing, where it can be told.
func holder(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, lockFile))
	if err != nil {
		return " (by readers, or by a process that left no number)"
	}
	return fmt.Sprintf(" (by process %s)", bytes.TrimSpace(text))
}

// freeSpace is what an ordinary user may still write on the volume of dir, in bytes.
func freeSpace(dir string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}

// diskUsage is the space a file takes, in bytes, without its holes.
func diskUsage(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return info.Size()
}

// syncDir makes changes of the names in dir durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
