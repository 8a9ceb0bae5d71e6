// Command gcassist allocates faster than the background workers can mark, so
// that the allocating goroutines have to assist.
package main

import (
	"flag"
	"runtime/debug"
	"sync"

	"workloads/internal/capture"
)

var (
	depth      = flag.Int("depth", 13, "depth of the live tree")
	allocators = flag.Int("allocators", 4, "goroutines that allocate")
	rounds     = flag.Int("rounds", 12, "trees that each of them builds")
)

type node struct {
	left, right *node
	payload     [4]uint64
}

func buildTree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: buildTree(depth - 1), right: buildTree(depth - 1)}
}

var (
	live   *node
	mu     sync.Mutex
	recent [8]*node
)

// churn keeps some of what it builds for a while, to give the marker work.
func churn(number int, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *rounds; i++ {
		tree := buildTree(10)
		mu.Lock()
		recent[(number+i)%len(recent)] = tree
		mu.Unlock()
	}
}

func allocate() {
	var done sync.WaitGroup
	for i := 0; i < *allocators; i++ {
		done.Add(1)
		go churn(i, &done)
	}
	done.Wait()
}

func main() {
	debug.SetGCPercent(25)
	live = buildTree(*depth)
	capture.Run(allocate)
}
