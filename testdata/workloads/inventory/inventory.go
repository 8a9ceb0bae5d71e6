// Package inventory is something to test: its tests are traced with
// go test -trace.
package inventory

import "sync"

// Inventory counts items.
type Inventory struct {
	mu     sync.Mutex
	counts map[string]int
}

// New returns an empty inventory.
func New() *Inventory { return &Inventory{counts: map[string]int{}} }

// Add adds n items and returns how many there are.
func (inv *Inventory) Add(name string, n int) int {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.counts[name] += n
	return inv.counts[name]
}
