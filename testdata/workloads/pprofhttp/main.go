// Command pprofhttp fetches its capture from its own /debug/pprof/trace.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync/atomic"
	"time"

	"workloads/internal/capture"
)

var length = flag.Duration("length", 60*time.Millisecond, "length of the capture")

func serveTime(w http.ResponseWriter, r *http.Request) {
	capture.Spin(30 * time.Microsecond)
	fmt.Fprintln(w, time.Now().UTC())
}

func fetch(url string, w io.Writer) {
	response, err := http.Get(url)
	capture.Check(err)
	defer response.Body.Close()
	_, err = io.Copy(w, response.Body)
	capture.Check(err)
}

func askForTime(url string, stop *int32) {
	for atomic.LoadInt32(stop) == 0 {
		fetch(url, io.Discard)
		time.Sleep(2 * time.Millisecond)
	}
}

func main() {
	f, err := os.Create(capture.Output())
	capture.Check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	capture.Check(err)
	http.HandleFunc("/time", serveTime)
	go http.Serve(listener, nil)
	url := "http://" + listener.Addr().String()
	var stop int32
	go askForTime(url+"/time", &stop)
	fetch(fmt.Sprintf("%s/debug/pprof/trace?seconds=%g", url, length.Seconds()), f)
	atomic.StoreInt32(&stop, 1)
	capture.Check(f.Close())
}
