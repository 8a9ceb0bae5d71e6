// Command leak leaves goroutines behind that never end. Some of them are there
// before the capture begins, the others are made while it runs.
package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"runtime/trace"
	"sync"
	"time"

	"workloads/internal/capture"
)

var calls = flag.Int("calls", 40, "number of calls")

var errTimeout = errors.New("timeout")

// searchReplica answers on a channel that nobody may read any more.
func searchReplica(delay time.Duration, answer chan<- string) {
	time.Sleep(delay)
	answer <- "found"
}

// search leaks the slower goroutine: the channel has no buffer.
func search(number int) (string, error) {
	answer := make(chan string)
	go searchReplica(time.Duration(number%3)*300*time.Microsecond, answer)
	go searchReplica(time.Duration(number%5)*200*time.Microsecond, answer)
	select {
	case a := <-answer:
		return a, nil
	case <-time.After(500 * time.Microsecond):
		return "", errTimeout
	}
}

func watchForever(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		}
	}
}

func parkForever() { select {} }

func waitForLock(mu *sync.Mutex) { mu.Lock() }

func waitForGroup(group *sync.WaitGroup) { group.Wait() }

func receiveFromNil() {
	var never chan int
	<-never
}

func leakOldGoroutines() {
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel // never called: that is the leak
	go parkForever()
	go watchForever(ctx)
	go receiveFromNil()
	time.Sleep(time.Millisecond)
}

func leakNewGoroutines() {
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel // as above
	mu := new(sync.Mutex)
	mu.Lock()
	group := new(sync.WaitGroup)
	group.Add(1)
	go waitForLock(mu)
	go waitForGroup(group)
	go receiveFromNil()
	for i := 0; i < *calls; i++ {
		if i%10 == 0 {
			go watchForever(ctx)
		}
		search(i)
	}
}

func main() {
	f, err := os.Create(capture.Output())
	capture.Check(err)
	leakOldGoroutines()
	capture.Check(trace.Start(f))
	leakNewGoroutines()
	trace.Stop()
	capture.Check(f.Close())
}
