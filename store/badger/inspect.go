package badger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"

	"chancery/store"
)

// inspectors is how many tables are verified at once before opening.
const inspectors = 2

// inspect looks for damage in a directory that is not open, because Badger would
// answer some kinds of it by deleting files, some by ending the process and some not at all.
func inspect(dir string) error {
	tables, err := manifestTables(dir)
	if err != nil {
		return err
	}
	if err := inspectLogs(dir); err != nil {
		return err
	}
	work := make(chan uint64)
	results := make([]error, inspectors)
	var running sync.WaitGroup
	for i := range inspectors {
		running.Go(func() {
			for id := range work {
				if results[i] == nil {
					results[i] = inspectTable(dir, id)
				}
			}
		})
	}
	for id := range tables {
		work <- id
	}
	close(work)
	running.Wait()
	return errors.Join(results...)
}

func inspectTable(dir string, id uint64) error {
	err := verifyTable(filepath.Join(dir, table.IDToFilename(id)), func(int) {})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: a table is missing: %w", store.ErrCorrupt, err)
	}
	return err
}

// manifestTables returns the tables that the directory should have.
func manifestTables(dir string) (map[uint64]badger.TableManifest, error) {
	f, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, orphans(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("store/badger: %w", err)
	}
	defer f.Close()
	manifest, end, err := badger.ReplayManifestFile(f, magic, badger.Options{})
	if err != nil {
		return nil, manifestFailed(f.Name(), err)
	}
	if err := inspectManifestTail(f, end); err != nil {
		return nil, err
	}
	return manifest.Tables, nil
}

// orphans fails when there are tables or logs without a MANIFEST: Badger would begin a
// new one and delete them.
func orphans(dir string) error {
	for _, pattern := range []string{"*.sst", "*" + logSuffix} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return fmt.Errorf("store/badger: %w", err)
		}
		if len(found) > 0 {
			return fmt.Errorf("%w: %s is missing in %s, which has %d files %s", store.ErrCorrupt, badger.ManifestFilename, dir, len(found), pattern)
		}
	}
	return nil
}

// manifestFailed says what an error of reading a MANIFEST means. Its first bytes
// are "Bdgr", the mark of the program and the version of the format.
func manifestFailed(name string, cause error) error {
	head := make([]byte, 8)
	f, err := os.Open(name)
	if err == nil {
		_, err = io.ReadFull(f, head)
		err = errors.Join(err, f.Close())
	}
	if err == nil && string(head[:4]) == "Bdgr" && binary.BigEndian.Uint16(head[4:]) != magic {
		return fmt.Errorf("store/badger: %s belongs to a Badger store of another program; choose another directory: %w", name, cause)
	}
	return fmt.Errorf("%w: %s: %w", store.ErrCorrupt, name, cause)
}

// inspectManifestTail looks at what follows the last entry that could be read,
// which ends at end. Badger drops it as an append that a crash has cut short, and then
// deletes the tables it does not know. But when a whole entry is behind it, or
// the bytes match its checksum and only the length is wrong, then it is damage.
//
// An entry is its length and its CRC-32C, 4 bytes each, and then its bytes.
func inspectManifestTail(f *os.File, end int64) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("store/badger: %w", err)
	}
	if info.Size()-end < 8 {
		return nil
	}
	tail := make([]byte, info.Size()-end)
	if _, err := f.ReadAt(tail, end); err != nil {
		return fmt.Errorf("store/badger: %w", err)
	}
	damaged := binary.BigEndian.Uint32(tail[4:]) == crc32.Checksum(tail[8:], castagnoli)
	for at := 1; !damaged && at+8 < len(tail); at++ {
		n, body := int64(binary.BigEndian.Uint32(tail[at:])), tail[at+8:]
		damaged = n > 0 && n <= int64(len(body)) &&
			binary.BigEndian.Uint32(tail[at+4:]) == crc32.Checksum(body[:n], castagnoli)
	}
	if damaged {
		return fmt.Errorf("%w: %s: the entry at offset %d cannot be read", store.ErrCorrupt, f.Name(), end)
	}
	return nil
}
