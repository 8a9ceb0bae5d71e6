// Command lockedthreads has two goroutines that are locked to their threads,
// some that are not, and system calls that keep threads busy without a P.
package main

import (
	"flag"
	"runtime"
	"sync"
	"syscall"
	"time"

	"workloads/internal/capture"
)

var rounds = flag.Int("rounds", 20, "times that each goroutine runs")

func answerLocked(requests <-chan int, answers chan<- int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for n := range requests {
		capture.Spin(20 * time.Microsecond)
		answers <- n * n
	}
}

func ask(done *sync.WaitGroup) {
	defer done.Done()
	requests, answers := make(chan int), make(chan int)
	go answerLocked(requests, answers)
	for i := 0; i < *rounds; i++ {
		requests <- i
		<-answers
	}
	close(requests)
}

func blockInKernel(done *sync.WaitGroup) {
	defer done.Done()
	pause := syscall.NsecToTimespec(int64(2 * time.Millisecond))
	for i := 0; i < *rounds/4; i++ {
		syscall.Nanosleep(&pause, nil)
	}
}

func compute(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *rounds; i++ {
		capture.Spin(50 * time.Microsecond)
		runtime.Gosched()
	}
}

func useThreads() {
	var done sync.WaitGroup
	done.Add(7)
	for i := 0; i < 2; i++ {
		go ask(&done)
		go compute(&done)
	}
	for i := 0; i < 3; i++ {
		go blockInKernel(&done)
	}
	done.Wait()
}

func main() { capture.Run(useThreads) }
