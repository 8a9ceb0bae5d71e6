// Command gomaxprocs changes GOMAXPROCS while goroutines are at work.
package main

import (
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"workloads/internal/capture"
)

var hold = flag.Duration("hold", 3*time.Millisecond, "time with each setting")

func convert(stop *int32, done *sync.WaitGroup) {
	defer done.Done()
	for atomic.LoadInt32(stop) == 0 {
		capture.Spin(150 * time.Microsecond)
		runtime.Gosched()
	}
}

func resize() {
	var stop int32
	var done sync.WaitGroup
	for i := 0; i < 5; i++ {
		done.Add(1)
		go convert(&stop, &done)
	}
	for _, n := range []int{1, 4, 2, 8, 3} {
		runtime.GOMAXPROCS(n)
		time.Sleep(*hold)
	}
	atomic.StoreInt32(&stop, 1)
	done.Wait()
}

func main() { capture.Run(resize) }
