// Command fineregions puts a region around every step of a loop whose steps take
// less time than recording them does.
package main

import (
	"context"
	"flag"
	"runtime/trace"
	"sync"

	"workloads/internal/capture"
)

var (
	workers = flag.Int("workers", 2, "goroutines")
	steps   = flag.Int("steps", 8000, "regions of each goroutine")
)

var sums [64]uint64

func addNumbers(worker int, done *sync.WaitGroup) {
	defer done.Done()
	ctx := context.Background()
	var sum uint64
	for i := 0; i < *steps; i++ {
		region := trace.StartRegion(ctx, "add")
		sum += uint64(i)
		region.End()
	}
	sums[worker%len(sums)] = sum
}

func sumUp() {
	var done sync.WaitGroup
	done.Add(*workers)
	for i := 0; i < *workers; i++ {
		go addNumbers(i, &done)
	}
	done.Wait()
}

func main() { capture.Run(sumUp) }
