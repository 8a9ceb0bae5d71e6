// Command allocfree allocates and frees a little, for captures with
// GODEBUG=traceallocfree=1, which record each object.
package main

import (
	"flag"
	"runtime"

	"workloads/internal/capture"
)

var objects = flag.Int("objects", 100, "objects to allocate")

type record struct {
	name string
	next *record
}

var kept *record

func buildList(n int) *record {
	var list *record
	for i := 0; i < n; i++ {
		list = &record{name: "r", next: list}
	}
	return list
}

func allocateAndFree() {
	kept = buildList(*objects)
	kept = nil
	runtime.GC()
	kept = buildList(*objects / 2)
}

func main() { capture.Run(allocateAndFree) }
