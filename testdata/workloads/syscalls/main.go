// Command syscalls makes system calls: short ones, long ones that lose their P,
// and reads that block a thread until another goroutine writes.
package main

import (
	"flag"
	"os"
	"sync"
	"syscall"
	"time"

	"workloads/internal/capture"
)

var calls = flag.Int("calls", 30, "calls of each goroutine")

func statOften(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *calls; i++ {
		_, err := os.Stat(os.DevNull)
		capture.Check(err)
	}
}

// sleepInKernel blocks its thread, which the runtime only notices later.
func sleepInKernel(d time.Duration, done *sync.WaitGroup) {
	defer done.Done()
	pause := syscall.NsecToTimespec(int64(d))
	for i := 0; i < *calls/3; i++ {
		syscall.Nanosleep(&pause, nil)
		capture.Spin(10 * time.Microsecond)
	}
}

func writeSlowly(fd int, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *calls/3; i++ {
		time.Sleep(400 * time.Microsecond)
		_, err := syscall.Write(fd, []byte{byte(i)})
		capture.Check(err)
	}
	capture.Check(syscall.Close(fd))
}

// readBlocking uses a pipe that the network poller knows nothing about.
func readBlocking(fd int, done *sync.WaitGroup) {
	defer done.Done()
	var buf [8]byte
	for {
		n, err := syscall.Read(fd, buf[:])
		if err == syscall.EINTR {
			continue
		}
		capture.Check(err)
		if n == 0 {
			break
		}
	}
	capture.Check(syscall.Close(fd))
}

func callKernel() {
	var pipe [2]int
	capture.Check(syscall.Pipe(pipe[:]))
	var done sync.WaitGroup
	done.Add(6)
	go statOften(&done)
	go statOften(&done)
	go sleepInKernel(100*time.Microsecond, &done)
	go sleepInKernel(2*time.Millisecond, &done)
	go writeSlowly(pipe[1], &done)
	go readBlocking(pipe[0], &done)
	done.Wait()
}

func main() { capture.Run(callKernel) }
