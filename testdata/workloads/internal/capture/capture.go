// Package capture is what the workload programs share: the -o flag and the
// start and the stop of the execution trace.
package capture

import (
	"flag"
	"fmt"
	"os"
	"runtime/trace"
	"time"
)

var output = flag.String("o", "", "write the execution trace to `FILE`")

// Output parses the flags and returns the file that the trace goes to.
func Output() string {
	flag.Parse()
	if *output == "" {
		fmt.Fprintln(os.Stderr, "missing -o FILE")
		flag.Usage()
		os.Exit(2)
	}
	return *output
}

// Check ends the program if err is not nil.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "workload:", err)
		os.Exit(1)
	}
}

// Run parses the flags and traces work.
func Run(work func()) {
	f, err := os.Create(Output())
	Check(err)
	Check(trace.Start(f))
	work()
	trace.Stop()
	Check(f.Close())
}

var sink uint64

// Spin keeps the CPU busy for about d, without allocating or blocking.
func Spin(d time.Duration) {
	x := uint64(1)
	for end := time.Now().Add(d); time.Now().Before(end); {
		x = mix(x)
	}
	if x == 0 {
		sink = x
	}
}

//go:noinline
func mix(x uint64) uint64 {
	for i := 0; i < 200; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
