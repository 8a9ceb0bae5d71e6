// Command runtimegc calls what stops the world for other reasons than a garbage
// collection that is due.
package main

import (
	"flag"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"workloads/internal/capture"
)

var rounds = flag.Int("rounds", 2, "how often to call each")

func background(stop *int32, done *sync.WaitGroup) {
	defer done.Done()
	for atomic.LoadInt32(stop) == 0 {
		capture.Spin(50 * time.Microsecond)
		time.Sleep(200 * time.Microsecond)
	}
}

func collectGarbage() {
	runtime.GC()
	debug.FreeOSMemory()
	debug.SetGCPercent(debug.SetGCPercent(50))
}

func readStatistics() {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
}

func dumpGoroutines() {
	capture.Check(pprof.Lookup("goroutine").WriteTo(io.Discard, 0))
	runtime.Stack(make([]byte, 1<<14), true)
}

func dumpHeap() {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	capture.Check(err)
	debug.WriteHeapDump(f.Fd())
	capture.Check(f.Close())
}

// callAllThreads works only without cgo; the error does not matter.
func callAllThreads() {
	syscall.AllThreadsSyscall(syscall.SYS_GETPID, 0, 0, 0)
}

func stopTheWorld() {
	var stop int32
	var done sync.WaitGroup
	done.Add(2)
	go background(&stop, &done)
	go background(&stop, &done)
	for i := 0; i < *rounds; i++ {
		collectGarbage()
		readStatistics()
		dumpGoroutines()
		dumpHeap()
		callAllThreads()
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
	atomic.StoreInt32(&stop, 1)
	done.Wait()
}

func main() { capture.Run(stopTheWorld) }
