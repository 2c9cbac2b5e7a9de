// Package assert stands in for github.com/stretchr/testify/assert: the part that HumanEval-X calls.
package assert

import (
	"bytes"
	"reflect"
)

// TestingT is what a failure is told to.
type TestingT interface {
	Errorf(format string, arguments ...interface{})
}

// Assertions tells every failure to one test.
type Assertions struct {
	t TestingT
}

// New returns assertions for one test.
func New(t TestingT) *Assertions {
	return &Assertions{t: t}
}

// Equal wants the same value and the same type; byte slices are compared by what they hold.
func (a *Assertions) Equal(expected, actual interface{}, _ ...interface{}) bool {
	if same(expected, actual) {
		return true
	}
	a.t.Errorf("Not equal: expected %#v, actual %#v", expected, actual)
	return false
}

func same(expected, actual interface{}) bool {
	left, isBytes := expected.([]byte)
	if !isBytes {
		return reflect.DeepEqual(expected, actual)
	}
	right, isBytes := actual.([]byte)
	if !isBytes {
		return false
	}
	if left == nil || right == nil {
		return left == nil && right == nil
	}
	return bytes.Equal(left, right)
}
