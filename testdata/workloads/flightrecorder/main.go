//go:build go1.25

// Command flightrecorder keeps the last moments of a run in the flight recorder
// and writes them when a request was slow.
package main

import (
	"context"
	"flag"
	"os"
	"runtime/trace"
	"sync"
	"time"

	"workloads/internal/capture"
)

var (
	requests = flag.Int("requests", 60, "requests before the slow one")
	age      = flag.Duration("age", 10*time.Millisecond, "least age to keep")
)

func serveRequest(ctx context.Context, number int, done *sync.WaitGroup) {
	defer done.Done()
	ctx, task := trace.NewTask(ctx, "request")
	defer task.End()
	trace.Logf(ctx, "request", "number %d", number)
	defer trace.StartRegion(ctx, "serve").End()
	capture.Spin(50 * time.Microsecond)
	if number == *requests-1 {
		waitForBackend(ctx)
	}
}

func waitForBackend(ctx context.Context) {
	defer trace.StartRegion(ctx, "backend").End()
	time.Sleep(5 * time.Millisecond)
}

func main() {
	f, err := os.Create(capture.Output())
	capture.Check(err)
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: *age})
	capture.Check(recorder.Start())
	session, task := trace.NewTask(context.Background(), "session")
	for i := 0; i < *requests; i++ {
		var done sync.WaitGroup
		done.Add(1)
		go serveRequest(session, i, &done)
		done.Wait()
		time.Sleep(500 * time.Microsecond)
	}
	_, err = recorder.WriteTo(f)
	capture.Check(err)
	task.End()
	recorder.Stop()
	capture.Check(f.Close())
}
