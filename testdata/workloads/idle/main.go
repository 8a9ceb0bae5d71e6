// Command idle does almost nothing.
package main

import (
	"flag"
	"time"

	"workloads/internal/capture"
)

var duration = flag.Duration("duration", 50*time.Millisecond, "how long to sleep")

func waitForNothing() { time.Sleep(*duration) }

func main() { capture.Run(waitForNothing) }
