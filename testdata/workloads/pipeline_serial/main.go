// Command pipeline_serial passes items through three stages of one goroutine
// each; the middle one is the bottleneck.
package main

import (
	"flag"
	"time"

	"workloads/internal/capture"
)

var items = flag.Int("items", 150, "number of items")

type item struct{ number, size int }

func readItems(out chan<- item) {
	for i := 0; i < *items; i++ {
		capture.Spin(10 * time.Microsecond)
		out <- item{number: i}
	}
	close(out)
}

func compressItems(in <-chan item, out chan<- item) {
	for it := range in {
		capture.Spin(100 * time.Microsecond)
		it.size = it.number / 2
		out <- it
	}
	close(out)
}

func writeItems(in <-chan item, finished chan<- int) {
	total := 0
	for it := range in {
		capture.Spin(20 * time.Microsecond)
		total += it.size
	}
	finished <- total
}

func runPipeline() {
	read := make(chan item)
	compressed := make(chan item)
	finished := make(chan int)
	go readItems(read)
	go compressItems(read, compressed)
	go writeItems(compressed, finished)
	<-finished
}

func main() { capture.Run(runPipeline) }
