package badger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"chancery/store"
)

const valueLogSuffix = ".vlog"

// dropUnborn removes a log that a crash left between being made and being given
// its size: it holds nothing, and Badger does not open a directory that has
// one. Only the newest log of its kind can be so; an older one without a byte
// is damage. A directory opened for reading is left as it is.
func (s *Store) dropUnborn() error {
	for _, suffix := range []string{logSuffix, valueLogSuffix} {
		names, err := filepath.Glob(filepath.Join(s.dir, "*"+suffix))
		if err != nil {
			return fmt.Errorf("store/badger: %w", err)
		}
		slices.Sort(names) // their names are numbers of a fixed width
		for i, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				return fmt.Errorf("store/badger: %w", err)
			}
			switch {
			case info.Size() > 0:
			case i < len(names)-1:
				return fmt.Errorf("%w: the log %s is empty", store.ErrCorrupt, name)
			case s.readOnly:
				return s.unclean(errors.New("a log has no size yet"))
			default:
				if err := os.Remove(name); err != nil {
					return fmt.Errorf("store/badger: removing an empty log: %w", err)
				}
			}
		}
	}
	return nil
}

// unclean is the error of a store that has to be opened for writing before it can be read.
func (s *Store) unclean(err error) error {
	return fmt.Errorf("%w: %s was not closed cleanly, open it once for writing: %w", store.ErrUnavailable, s.dir, err)
}
