// Command greedy has goroutines that run for long without yielding, while
// others need the CPU only briefly, and copies of large buffers, which cannot
// be preempted and so delay whoever wants to stop the world.
package main

import (
	"flag"
	"runtime"
	"sync"
	"time"

	"workloads/internal/capture"
)

var (
	greed   = flag.Duration("greed", 25*time.Millisecond, "how long to run without a break")
	buffers = flag.Int("buffers", 32, "MiB to copy at once")
)

func solveEquations(done *sync.WaitGroup) {
	defer done.Done()
	capture.Spin(*greed)
	time.Sleep(time.Millisecond)
	capture.Spin(*greed)
}

func copyLargeBuffer(to, from []byte, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < 4; i++ {
		copy(to, from)
	}
}

func sendHeartbeats(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < 20; i++ {
		time.Sleep(time.Millisecond)
		capture.Spin(5 * time.Microsecond)
	}
}

func stopTheWorld(done *sync.WaitGroup) {
	defer done.Done()
	var stats runtime.MemStats
	for i := 0; i < 8; i++ {
		time.Sleep(2 * time.Millisecond)
		runtime.ReadMemStats(&stats)
	}
}

func compete(to, from []byte) {
	var done sync.WaitGroup
	done.Add(6)
	go solveEquations(&done)
	go solveEquations(&done)
	go copyLargeBuffer(to, from, &done)
	go sendHeartbeats(&done)
	go sendHeartbeats(&done)
	go stopTheWorld(&done)
	done.Wait()
}

func main() {
	capture.Output()
	from, to := make([]byte, *buffers<<20), make([]byte, *buffers<<20)
	capture.Run(func() { compete(to, from) })
}
