// Command serial_stage resizes pictures in a stage with one worker (before) or
// with four (after), between a stage that loads and one that stores them.
package main

import (
	"flag"
	"sync"
	"time"

	"workloads/internal/capture"
	"workloads/internal/variant"
)

var pictures = flag.Int("pictures", 100, "number of pictures")

func loadPictures(out chan<- int) {
	for i := 0; i < *pictures; i++ {
		capture.Spin(20 * time.Microsecond)
		out <- i
	}
	close(out)
}

func resizePictures(in <-chan int, out chan<- int, done *sync.WaitGroup) {
	defer done.Done()
	for picture := range in {
		capture.Spin(120 * time.Microsecond)
		out <- picture
	}
}

func storePictures(in <-chan int, stored chan<- int) {
	n := 0
	for range in {
		capture.Spin(20 * time.Microsecond)
		n++
	}
	stored <- n
}

func processPictures() {
	workers := 1
	if variant.After() {
		workers = 4
	}
	loaded, resized, stored := make(chan int, 4), make(chan int, 4), make(chan int)
	go loadPictures(loaded)
	var done sync.WaitGroup
	for i := 0; i < workers; i++ {
		done.Add(1)
		go resizePictures(loaded, resized, &done)
	}
	go storePictures(resized, stored)
	done.Wait()
	close(resized)
	<-stored
}

func main() { capture.Run(processPictures) }
