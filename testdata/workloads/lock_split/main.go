// Command lock_split counts words in a table with one lock (before) or with one
// lock for each of its shards (after).
package main

import (
	"flag"
	"sync"
	"time"

	"workloads/internal/capture"
	"workloads/internal/variant"
)

var (
	workers = flag.Int("workers", 6, "number of workers")
	words   = flag.Int("words", 40, "words of each")
)

// counter counts words, each in the shard it belongs to.
type counter struct{ shards []shard }

type shard struct {
	mu     sync.Mutex
	counts map[int]int
}

func newCounter(shards int) *counter {
	c := &counter{shards: make([]shard, shards)}
	for i := range c.shards {
		c.shards[i].counts = map[int]int{}
	}
	return c
}

func (c *counter) count(word int) {
	s := &c.shards[word%len(c.shards)]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[word]++
	capture.Spin(30 * time.Microsecond)
}

func countWords(c *counter, seed int, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *words; i++ {
		c.count((seed*7919 + i*31) % 97)
		capture.Spin(20 * time.Microsecond)
	}
}

func countAll() {
	shards := 1
	if variant.After() {
		shards = 16
	}
	c := newCounter(shards)
	var done sync.WaitGroup
	for i := 0; i < *workers; i++ {
		done.Add(1)
		go countWords(c, i, &done)
	}
	done.Wait()
}

func main() { capture.Run(countAll) }
