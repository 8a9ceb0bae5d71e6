// Command objects allocates objects of many types and sizes from several
// goroutines, keeps some and drops others, and grows stacks, for captures with
// GODEBUG=traceallocfree=1.
package main

import (
	"flag"
	"runtime"
	"strings"
	"sync"

	"workloads/internal/capture"
)

var rounds = flag.Int("rounds", 2, "times that all is allocated and dropped")

type order struct {
	id    int
	items []item
	next  *order
}

type item struct {
	name  string
	price float64
}

// kept lives to the end, dropped is freed by the next collection.
var kept, dropped []any

var lock sync.Mutex

func keep(list *[]any, objects ...any) {
	lock.Lock()
	defer lock.Unlock()
	*list = append(*list, objects...)
}

// tiny objects without pointers share slots of 16 bytes.
func allocateTiny() {
	for i := 0; i < 40; i++ {
		flag, code := new(bool), new([3]byte)
		*flag = true
		keep(&dropped, flag, code)
	}
}

func allocateOrders() {
	for i := 0; i < 20; i++ {
		o := &order{id: i, items: make([]item, 4)}
		o.items[0].name = strings.Repeat("n", i+1)
		if i%4 == 0 {
			keep(&kept, o)
		} else {
			keep(&dropped, o)
		}
	}
}

// allocateLarge makes objects that have a span of their own.
func allocateLarge() {
	keep(&dropped, make([]byte, 100_000), make([]order, 2000))
	keep(&kept, make([]int64, 8000))
}

//go:noinline
func descend(depth int) int {
	var frame [256]byte
	frame[depth%len(frame)] = 1
	if depth == 0 {
		return int(frame[0])
	}
	return descend(depth-1) + int(frame[depth%len(frame)])
}

func growStack() { descend(200) }

func allocateAndDrop() {
	for i := 0; i < *rounds; i++ {
		var done sync.WaitGroup
		for _, work := range []func(){allocateTiny, allocateOrders, allocateLarge, growStack} {
			work := work
			done.Add(1)
			go func() {
				defer done.Done()
				work()
			}()
		}
		done.Wait()
		dropped = nil
		runtime.GC()
	}
}

func main() { capture.Run(allocateAndDrop) }
