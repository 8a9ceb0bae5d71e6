// Command fileio writes, syncs and reads files, and passes data through pipes:
// system calls that block a thread, and pipes that wait in the network poller.
package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"sync"
	"time"

	"workloads/internal/capture"
)

var (
	writers = flag.Int("writers", 3, "goroutines that write files")
	records = flag.Int("records", 12, "records of each")
)

func appendRecords(dir string, done *sync.WaitGroup) {
	defer done.Done()
	f, err := os.CreateTemp(dir, "journal")
	capture.Check(err)
	record := bytes.Repeat([]byte("record "), 4096)
	for i := 0; i < *records; i++ {
		_, err = f.Write(record)
		capture.Check(err)
		if i%4 == 3 {
			capture.Check(f.Sync())
		}
	}
	readBack(f)
	capture.Check(f.Close())
}

func readBack(f *os.File) {
	_, err := f.Seek(0, io.SeekStart)
	capture.Check(err)
	var buf [16384]byte
	for {
		_, err := f.Read(buf[:])
		if err == io.EOF {
			return
		}
		capture.Check(err)
	}
}

func feedPipe(w *os.File, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *records; i++ {
		time.Sleep(300 * time.Microsecond)
		_, err := w.WriteString("line\n")
		capture.Check(err)
	}
	capture.Check(w.Close())
}

func drainPipe(r *os.File, done *sync.WaitGroup) {
	defer done.Done()
	_, err := io.Copy(io.Discard, struct{ io.Reader }{r})
	capture.Check(err)
	capture.Check(r.Close())
}

func useFiles() {
	dir, err := os.MkdirTemp("", "fileio")
	capture.Check(err)
	defer os.RemoveAll(dir)
	var done sync.WaitGroup
	for i := 0; i < *writers; i++ {
		done.Add(1)
		go appendRecords(dir, &done)
	}
	r, w, err := os.Pipe()
	capture.Check(err)
	done.Add(2)
	go feedPipe(w, &done)
	go drainPipe(r, &done)
	done.Wait()
}

func main() { capture.Run(useFiles) }
