// A licence text that belongs to the file, not to the package below it.

// Package billing counts money.
package billing

import (
	"errors"
	"fmt"
	str "strings"
)

const limit = 10 // no unit, and no doc of the next one
// ErrEmpty is no unit either.
var ErrEmpty = errors.New("empty")

// Entry is money that came or went.
type Entry struct {
	Amount int `json:"amount"`
	Note   string
}

type (
	// Source gives entries.
	Source interface {
		Read(into []Entry) (n int, err error)
		fmt.Stringer
	}

	Alias = map[string][]Entry
)

// Ledger holds what T has.
type Ledger[T any, K comparable] struct {
	entries map[K]T
}

// far above: not part of it

// NewLedger makes an empty one.
//
//go:noinline
func NewLedger[T any, K comparable](size, limit int, by func(T) K) *Ledger[T, K] {
	check := func(a int) bool { return a > 0 }
	if !check(size) {
		return nil
	}
	return &Ledger[T, K]{entries: make(map[K]T, size)}
}

/* Add adds. */
func (l *Ledger[T, K]) Add(key K, first T, more ...T) (count int, err error) {
	for _, one := range append([]T{first}, more...) {
		l.entries[key] = one
		count++
	}
	return count, nil
}

func (e Entry) String() string { return fmt.Sprintf("%d } in a string", e.Amount) }

func (Entry) näme(int, chan<- string, interface{}) (ünïcode string) {
	return `raw
"string"`
}

func open(path string, _ *Source) (Alias, error)

var shout = func(text string) string {
	return str.ToUpper(text)
}

func init() {
	go func() {
		defer close(make(chan rune))
		_ = '\''
	}()
}
