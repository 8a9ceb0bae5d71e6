// Command nestedtasks has tasks inside of tasks, whose regions and logs are
// spread over goroutines. Some never end, and one begins before the capture.
package main

import (
	"context"
	"flag"
	"os"
	"runtime/trace"
	"strings"
	"sync"
	"time"

	"workloads/internal/capture"
)

var orders = flag.Int("orders", 10, "number of orders")

func handleOrder(ctx context.Context, number int, done *sync.WaitGroup) {
	defer done.Done()
	ctx, task := trace.NewTask(ctx, "order")
	defer task.End()
	trace.Logf(ctx, "order", "number %d", number)
	checkStock(ctx)
	paid := make(chan bool)
	go payOrder(ctx, number, paid)
	if <-paid {
		shipOrder(ctx, number)
	} else {
		trace.Log(ctx, "error", "payment \"refused\"\nsecond line: größe, 大きさ")
	}
}

// checkStock nests a region in another of the same name.
func checkStock(ctx context.Context) {
	defer trace.StartRegion(ctx, "stock").End()
	capture.Spin(30 * time.Microsecond)
	trace.WithRegion(ctx, "stock", func() { capture.Spin(20 * time.Microsecond) })
}

func payOrder(ctx context.Context, number int, paid chan<- bool) {
	ctx, task := trace.NewTask(ctx, "payment")
	defer task.End()
	region := trace.StartRegion(ctx, "authorize")
	askBank(ctx)
	region.End()
	trace.Log(ctx, "", "")
	paid <- number%4 != 3
}

func askBank(ctx context.Context) {
	_, task := trace.NewTask(ctx, "bank call")
	time.Sleep(400 * time.Microsecond)
	task.End()
}

func shipOrder(ctx context.Context, number int) {
	ctx, task := trace.NewTask(ctx, "shipping")
	if number%3 == 0 {
		// This parcel gets lost: neither the task nor its region ends.
		trace.StartRegion(ctx, "lost parcel")
		return
	}
	defer task.End()
	var packed sync.WaitGroup
	for i := 0; i < 2; i++ {
		packed.Add(1)
		go packParcel(ctx, i, &packed)
	}
	packed.Wait()
}

func packParcel(ctx context.Context, number int, packed *sync.WaitGroup) {
	defer packed.Done()
	defer trace.StartRegion(ctx, "pack").End()
	trace.Logf(ctx, "parcel", "%d %s", number, strings.Repeat("x", 20*number))
	capture.Spin(50 * time.Microsecond)
}

// housekeep uses regions outside of any task.
func housekeep(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < 10; i++ {
		trace.WithRegion(context.Background(), "housekeeping", sweepShelves)
	}
}

func sweepShelves() { time.Sleep(200 * time.Microsecond) }

func main() {
	f, err := os.Create(capture.Output())
	capture.Check(err)
	// The capture holds the end of this task, but not its beginning.
	day, task := trace.NewTask(context.Background(), "business day")
	capture.Check(trace.Start(f))
	var done sync.WaitGroup
	done.Add(*orders + 1)
	go housekeep(&done)
	for i := 0; i < *orders; i++ {
		go handleOrder(day, i, &done)
	}
	done.Wait()
	task.End()
	trace.Log(context.Background(), "long", strings.Repeat("0123456789", 150))
	trace.Stop()
	capture.Check(f.Close())
}
