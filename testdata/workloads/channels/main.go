// Command channels blocks on channels in every way there is.
package main

import (
	"flag"
	"sync"
	"time"

	"workloads/internal/capture"
)

var messages = flag.Int("messages", 60, "messages of each sender")

func produce(out chan<- int, pause time.Duration, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *messages; i++ {
		if pause > 0 && i%8 == 0 {
			time.Sleep(pause)
		}
		out <- i
	}
}

// fanIn merges two channels until it is told to stop.
func fanIn(a, b <-chan int, quit <-chan struct{}, out chan<- int, done *sync.WaitGroup) {
	defer done.Done()
	for {
		select {
		case v := <-a:
			out <- v
		case v := <-b:
			out <- -v
		case <-quit:
			close(out)
			return
		}
	}
}

func collect(in <-chan int, sum *int, done *sync.WaitGroup) {
	defer done.Done()
	for v := range in {
		*sum += v
	}
}

// pollOften looks without waiting, and waits with a time limit.
func pollOften(in <-chan int, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < 5; i++ {
		select {
		case <-in:
		default:
		}
		select {
		case <-in:
		case <-time.After(300 * time.Microsecond):
		}
	}
}

func waitForStart(start <-chan struct{}, done *sync.WaitGroup) {
	defer done.Done()
	<-start
}

func exchange() {
	var senders, others sync.WaitGroup
	plain := make(chan int)
	buffered := make(chan int, 4)
	merged := make(chan int)
	silent := make(chan int)
	quit, start := make(chan struct{}), make(chan struct{})
	sum := 0
	senders.Add(3)
	others.Add(7)
	go produce(plain, 0, &senders)
	go produce(plain, 200*time.Microsecond, &senders)
	go produce(buffered, 100*time.Microsecond, &senders)
	go fanIn(plain, buffered, quit, merged, &others)
	go collect(merged, &sum, &others)
	go pollOften(silent, &others)
	for i := 0; i < 4; i++ {
		go waitForStart(start, &others)
	}
	time.Sleep(500 * time.Microsecond)
	close(start)
	senders.Wait()
	close(quit)
	others.Wait()
}

func main() { capture.Run(exchange) }
