// Command oversubscription runs many more CPU-bound goroutines than there are
// Ps: they wait to be scheduled, not for each other.
package main

import (
	"flag"
	"runtime"
	"sync"
	"time"

	"workloads/internal/capture"
)

var (
	goroutines = flag.Int("goroutines", 40, "CPU-bound goroutines")
	slices     = flag.Int("slices", 6, "slices of work of each")
)

func renderTile(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *slices; i++ {
		capture.Spin(200 * time.Microsecond)
		runtime.Gosched()
	}
}

func renderImage() {
	var done sync.WaitGroup
	for i := 0; i < *goroutines; i++ {
		done.Add(1)
		go renderTile(&done)
	}
	done.Wait()
}

func main() { capture.Run(renderImage) }
