// Command worker_pool makes thumbnails with one goroutine for each (before) or
// with a pool of workers (after).
package main

import (
	"flag"
	"runtime"
	"sync"
	"time"

	"workloads/internal/capture"
	"workloads/internal/variant"
)

var images = flag.Int("images", 150, "number of images")

func makeThumbnail(number int) {
	capture.Spin(time.Duration(60+number%4*20) * time.Microsecond)
}

func thumbnailGoroutine(number int, done *sync.WaitGroup) {
	defer done.Done()
	makeThumbnail(number)
}

func unbounded() {
	var done sync.WaitGroup
	for i := 0; i < *images; i++ {
		done.Add(1)
		go thumbnailGoroutine(i, &done)
	}
	done.Wait()
}

func thumbnailWorker(numbers <-chan int, done *sync.WaitGroup) {
	defer done.Done()
	for number := range numbers {
		makeThumbnail(number)
	}
}

func bounded(workers int) {
	var done sync.WaitGroup
	numbers := make(chan int)
	for i := 0; i < workers; i++ {
		done.Add(1)
		go thumbnailWorker(numbers, &done)
	}
	for i := 0; i < *images; i++ {
		numbers <- i
	}
	close(numbers)
	done.Wait()
}

func makeAll() {
	if variant.After() {
		bounded(runtime.GOMAXPROCS(0))
	} else {
		unbounded()
	}
}

func main() { capture.Run(makeAll) }
