// Command alloc_reduction encodes messages into a new buffer each (before) or
// into one that is used again (after).
package main

import (
	"flag"
	"strconv"
	"sync"

	"workloads/internal/capture"
	"workloads/internal/variant"
)

var (
	encoders = flag.Int("encoders", 3, "goroutines that encode")
	messages = flag.Int("messages", 250, "messages of each")
)

const messageSize = 16 << 10

var sent sync.Map

// send keeps the last message of each encoder alive.
func send(encoder int, message []byte) { sent.Store(encoder, message) }

func appendMessage(buffer []byte, number int) []byte {
	for len(buffer) < messageSize-32 {
		buffer = strconv.AppendInt(buffer, int64(number), 10)
	}
	return buffer
}

func encodeAllocating(encoder int, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *messages; i++ {
		send(encoder, appendMessage(make([]byte, 0, messageSize), i))
	}
}

func encodeReusing(encoder int, done *sync.WaitGroup) {
	defer done.Done()
	buffer := make([]byte, 0, messageSize)
	for i := 0; i < *messages; i++ {
		buffer = appendMessage(buffer[:0], i)
		send(encoder, buffer)
	}
}

func encodeAll() {
	var done sync.WaitGroup
	for i := 0; i < *encoders; i++ {
		done.Add(1)
		if variant.After() {
			go encodeReusing(i, &done)
		} else {
			go encodeAllocating(i, &done)
		}
	}
	done.Wait()
}

func main() { capture.Run(encodeAll) }
