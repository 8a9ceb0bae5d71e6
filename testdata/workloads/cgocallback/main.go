//go:build cgo

// Command cgocallback has threads made by C call back into Go.
package main

/*
#cgo LDFLAGS: -pthread
void run_threads(int threads, int calls);
void call_back(int times);
*/
import "C"

import (
	"flag"
	"sync"
	"time"

	"workloads/internal/capture"
)

var (
	threads = flag.Int("threads", 3, "threads made by C")
	calls   = flag.Int("calls", 15, "callbacks of each thread")
)

var (
	mu     sync.Mutex
	frames int
)

//export onFrame
func onFrame(number C.int) {
	mu.Lock()
	defer mu.Unlock()
	frames++
	capture.Spin(20 * time.Microsecond)
	if number%5 == 0 {
		time.Sleep(200 * time.Microsecond)
	}
}

func callFromGo(done *sync.WaitGroup) {
	defer done.Done()
	C.call_back(C.int(*calls))
}

func callFromBothSides() {
	var done sync.WaitGroup
	done.Add(2)
	go callFromGo(&done)
	go callFromGo(&done)
	C.run_threads(C.int(*threads), C.int(*calls))
	done.Wait()
}

func main() { capture.Run(callFromBothSides) }
