// Command cpuprofile takes a CPU profile during the capture, which then holds
// the profile's samples.
package main

import (
	"flag"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"time"

	"workloads/internal/capture"
)

var duration = flag.Duration("duration", 150*time.Millisecond, "how long to work")

func hashBlocks(end time.Time, done *sync.WaitGroup) {
	defer done.Done()
	for time.Now().Before(end) {
		capture.Spin(3 * time.Millisecond)
		runtime.Gosched()
	}
}

func copyBlocks(end time.Time, done *sync.WaitGroup) {
	defer done.Done()
	for time.Now().Before(end) {
		blocks := make([]byte, 1<<20)
		copy(blocks[1:], blocks)
		time.Sleep(2 * time.Millisecond)
	}
}

func main() {
	f, err := os.Create(capture.Output())
	capture.Check(err)
	// The profiler keeps a rate that is set before (and complains): 500 samples
	// a second instead of 100 make a short capture worth its while.
	runtime.SetCPUProfileRate(500)
	capture.Check(pprof.StartCPUProfile(io.Discard))
	capture.Check(trace.Start(f))
	var done sync.WaitGroup
	end := time.Now().Add(*duration)
	done.Add(3)
	go hashBlocks(end, &done)
	go hashBlocks(end, &done)
	go copyBlocks(end, &done)
	done.Wait()
	trace.Stop()
	pprof.StopCPUProfile()
	capture.Check(f.Close())
}
