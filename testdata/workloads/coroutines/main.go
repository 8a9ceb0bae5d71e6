//go:build go1.23

// Command coroutines pulls values from iterators, which switches between
// coroutines without the scheduler.
package main

import (
	"flag"
	"iter"
	"sync"

	"workloads/internal/capture"
)

var values = flag.Int("values", 60, "values to pull from each iterator")

// countUp yields numbers.
func countUp(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// countPairs yields numbers from an iterator that it pulls from itself.
func countPairs(n int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		next, stop := iter.Pull(countUp(n))
		defer stop()
		for {
			a, ok := next()
			if !ok || !yield(a, a*a) {
				return
			}
		}
	}
}

func mergeSums(done *sync.WaitGroup, sums chan<- int) {
	defer done.Done()
	nextA, stopA := iter.Pull(countUp(*values))
	defer stopA()
	nextB, stopB := iter.Pull2(countPairs(*values))
	defer stopB()
	sum := 0
	for {
		a, ok := nextA()
		_, b, more := nextB()
		if !ok || !more {
			break
		}
		sum += a * b
	}
	sums <- sum
}

// stopEarly ends an iterator before it is used up.
func stopEarly(done *sync.WaitGroup) {
	defer done.Done()
	next, stop := iter.Pull(countUp(*values))
	next()
	next()
	stop()
}

func pullAll() {
	var done sync.WaitGroup
	sums := make(chan int, 3)
	for i := 0; i < 3; i++ {
		done.Add(2)
		go mergeSums(&done, sums)
		go stopEarly(&done)
	}
	done.Wait()
}

func main() { capture.Run(pullAll) }
