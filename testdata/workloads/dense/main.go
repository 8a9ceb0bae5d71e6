// Command dense makes captures with as many events as possible, to measure
// readers with.
//
// With -shape runs each thread emits long runs of events before another one
// has its turn; with -shape interleaved the events of many threads alternate.
// Use it with GOMAXPROCS=2 for the former and 64 or more for the latter.
package main

import (
	"context"
	"flag"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"

	"workloads/internal/capture"
)

var (
	shape = flag.String("shape", "runs", "runs or interleaved")
	count = flag.Int("n", 100000, "how much work to do")
)

// rounds is how often a request and its caller talk before the answer is final.
const rounds = 3

// request is what a short-lived goroutine answers.
type request struct {
	ask, reply chan int
}

func handleRequest(r request, done *sync.WaitGroup) {
	for i := 0; i < rounds; i++ {
		r.reply <- <-r.ask * 2
	}
	done.Done()
}

func fireAndForget(done *sync.WaitGroup) {
	done.Done()
}

// serveBatch creates short-lived goroutines: half of them talk with a caller
// that waits for them, the others only live and die.
func serveBatch(n int) {
	var done sync.WaitGroup
	r := request{make(chan int), make(chan int)}
	done.Add(2 * n)
	for i := 0; i < n; i++ {
		go handleRequest(r, &done)
		for j := 0; j < rounds; j++ {
			r.ask <- i
			<-r.reply
		}
		go fireAndForget(&done)
	}
	done.Wait()
}

func batches(n int, finished *sync.WaitGroup) {
	const batch = 64
	for ; n > 0; n -= batch {
		serveBatch(batch)
	}
	finished.Done()
}

// compute keeps one P busy and says so now and then: with the other P left to
// the batches, their events come in runs of some dozens.
func compute(stop *int32, finished *sync.WaitGroup) {
	ctx := context.Background()
	for atomic.LoadInt32(stop) == 0 {
		trace.WithRegion(ctx, "compute", computeWindow)
	}
	finished.Done()
}

func computeWindow() { capture.Spin(26 * time.Microsecond) }

func longRuns(n int) {
	var work, computing sync.WaitGroup
	var stop int32
	computing.Add(1)
	go compute(&stop, &computing)
	work.Add(1)
	go batches(n, &work)
	work.Wait()
	atomic.StoreInt32(&stop, 1)
	computing.Wait()
}

// relay passes a token to the next member of its ring.
func relay(in <-chan int, out chan<- int, locked bool, finished *sync.WaitGroup) {
	if locked {
		runtime.LockOSThread()
	}
	for token := range in {
		if token == 0 {
			break
		}
		out <- token - 1
	}
	close(out)
	finished.Done()
}

// ring starts n relays in a circle and gives them one token to pass around.
func ring(n, tokens int, locked bool, finished *sync.WaitGroup) {
	first := make(chan int, 1)
	in := first
	finished.Add(n)
	for i := 0; i < n; i++ {
		out := make(chan int, 1)
		if i == n-1 {
			go lastRelay(in, first, finished)
		} else {
			go relay(in, out, locked, finished)
		}
		in = out
	}
	first <- tokens
}

// lastRelay closes the circle.
func lastRelay(in <-chan int, out chan<- int, finished *sync.WaitGroup) {
	for token := range in {
		if token == 0 {
			break
		}
		out <- token - 1
	}
	close(out)
	finished.Done()
}

// pollDevice makes tiny system calls, which keep threads coming and going.
func pollDevice(n int, finished *sync.WaitGroup) {
	f, err := os.Open(os.DevNull)
	capture.Check(err)
	var buf [16]byte
	for i := 0; i < n; i++ {
		f.Read(buf[:])
		runtime.Gosched()
	}
	f.Close()
	finished.Done()
}

func interleaved(n int) {
	var finished sync.WaitGroup
	procs := runtime.GOMAXPROCS(0)
	for i := 0; i < procs; i++ {
		ring(4, n, i%2 == 0, &finished)
	}
	for i := 0; i < procs/8; i++ {
		finished.Add(1)
		go pollDevice(n, &finished)
	}
	finished.Wait()
}

func main() {
	f, err := os.Create(capture.Output())
	capture.Check(err)
	capture.Check(trace.Start(f))
	if *shape == "interleaved" {
		interleaved(*count)
	} else {
		longRuns(*count)
	}
	trace.Stop()
	capture.Check(f.Close())
}
