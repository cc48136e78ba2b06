package store

import (
	"bytes"
	"fmt"
)

// CheckKey fails with ErrTooLarge unless key has 1 to MaxKey bytes.
func CheckKey(key []byte) error {
	if n := len(key); n == 0 || n > MaxKey {
		return fmt.Errorf("%w: a key has %d bytes, allowed are 1 to %d", ErrTooLarge, n, MaxKey)
	}
	return nil
}

// CheckValue fails with ErrTooLarge unless value has 1 to MaxValue bytes.
func CheckValue(value []byte) error {
	if n := len(value); n == 0 || n > MaxValue {
		return fmt.Errorf("%w: a value has %d bytes, allowed are 1 to %d", ErrTooLarge, n, MaxValue)
	}
	return nil
}

// CheckTxn fails with ErrTooLarge when a transaction that writes so many
// different keys and so many bytes, keys and values together, is beyond the limits.
func CheckTxn(writes, bytes int) error {
	if writes > MaxTxnWrites {
		return fmt.Errorf("%w: a transaction writes %d keys or more, allowed are %d", ErrTooLarge, writes, MaxTxnWrites)
	}
	if bytes > MaxTxnBytes {
		return fmt.Errorf("%w: a transaction writes %d bytes or more, allowed are %d", ErrTooLarge, bytes, MaxTxnBytes)
	}
	return nil
}

// CheckLoad checks the next pair of a sequence given to Load: within the limits and
// with a key above last, the key before it, which is empty at the beginning.
func CheckLoad(last []byte, kv KV) error {
	if err := CheckKey(kv.Key); err != nil {
		return err
	}
	if err := CheckValue(kv.Value); err != nil {
		return err
	}
	if bytes.Compare(kv.Key, last) <= 0 {
		return fmt.Errorf("%w: %q comes after %q", ErrUnsorted, kv.Key, last)
	}
	return nil
}
