// Command startstop starts and stops the trace several times while goroutines
// are busy. Only the last capture is kept: it is very short.
package main

import (
	"flag"
	"io"
	"os"
	"runtime/trace"
	"sync/atomic"
	"time"

	"workloads/internal/capture"
)

var rounds = flag.Int("rounds", 4, "captures to throw away")

func playPing(in <-chan int, out chan<- int) {
	for n := range in {
		out <- n + 1
	}
}

func spinUntil(stop *int32) {
	for atomic.LoadInt32(stop) == 0 {
		capture.Spin(100 * time.Microsecond)
	}
}

func record(w io.Writer, length time.Duration) {
	capture.Check(trace.Start(w))
	time.Sleep(length)
	trace.Stop()
}

func main() {
	f, err := os.Create(capture.Output())
	capture.Check(err)
	var stop int32
	ping, pong := make(chan int), make(chan int)
	go playPing(ping, pong)
	go playPing(pong, ping)
	ping <- 0
	go spinUntil(&stop)
	for i := 0; i < *rounds; i++ {
		record(io.Discard, time.Millisecond)
	}
	record(f, 200*time.Microsecond)
	atomic.StoreInt32(&stop, 1)
	capture.Check(f.Close())
}
