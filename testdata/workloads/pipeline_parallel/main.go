// Command pipeline_parallel passes items through three stages, the middle one
// with several workers; the last stage puts the results in order again.
package main

import (
	"flag"
	"sync"
	"time"

	"workloads/internal/capture"
)

var (
	items   = flag.Int("items", 150, "number of items")
	workers = flag.Int("workers", 4, "workers in the middle stage")
)

type item struct{ number, size int }

func readItems(out chan<- item) {
	for i := 0; i < *items; i++ {
		capture.Spin(10 * time.Microsecond)
		out <- item{number: i}
	}
	close(out)
}

func compressWorker(in <-chan item, out chan<- item, done *sync.WaitGroup) {
	defer done.Done()
	for it := range in {
		capture.Spin(time.Duration(80+it.number%5*10) * time.Microsecond)
		it.size = it.number / 2
		out <- it
	}
}

func closeWhenDone(done *sync.WaitGroup, out chan<- item) {
	done.Wait()
	close(out)
}

func writeInOrder(in <-chan item, finished chan<- int) {
	waiting := map[int]item{}
	next, total := 0, 0
	for it := range in {
		waiting[it.number] = it
		for {
			it, ok := waiting[next]
			if !ok {
				break
			}
			delete(waiting, next)
			next++
			capture.Spin(15 * time.Microsecond)
			total += it.size
		}
	}
	finished <- total
}

func runPipeline() {
	read := make(chan item, 8)
	compressed := make(chan item, 8)
	finished := make(chan int)
	var done sync.WaitGroup
	go readItems(read)
	for i := 0; i < *workers; i++ {
		done.Add(1)
		go compressWorker(read, compressed, &done)
	}
	go closeWhenDone(&done, compressed)
	go writeInOrder(compressed, finished)
	<-finished
}

func main() { capture.Run(runPipeline) }
