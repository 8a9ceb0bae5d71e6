// Command http serves requests to clients in the same process. Each request is
// a task with regions and logs; some of them wait for a shared cache, and every
// eighth one is slow.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/trace"
	"strconv"
	"sync"
	"time"

	"workloads/internal/capture"
)

var (
	clients  = flag.Int("clients", 4, "number of clients")
	requests = flag.Int("requests", 6, "requests of each client")
)

// shop is the server: a cache in front of a store that takes its time.
type shop struct {
	mu    sync.Mutex
	cache map[int]string
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, task := trace.NewTask(r.Context(), "GET /item")
	defer task.End()
	id := s.parseRequest(ctx, r)
	trace.Logf(ctx, "item", "id=%d", id)
	item := s.lookup(ctx, id)
	s.render(ctx, w, item)
}

func (s *shop) parseRequest(ctx context.Context, r *http.Request) int {
	defer trace.StartRegion(ctx, "parse").End()
	capture.Spin(20 * time.Microsecond)
	id, err := strconv.Atoi(r.URL.Query().Get("id"))
	if err != nil {
		trace.Log(ctx, "error", err.Error())
	}
	return id
}

func (s *shop) lookup(ctx context.Context, id int) string {
	defer trace.StartRegion(ctx, "lookup").End()
	s.mu.Lock()
	defer s.mu.Unlock()
	if item, ok := s.cache[id]; ok {
		trace.Log(ctx, "cache", "hit")
		return item
	}
	trace.Log(ctx, "cache", "miss")
	item := s.queryStore(ctx, id)
	s.cache[id] = item
	return item
}

// queryStore is called with the lock held: the fault that this capture shows.
func (s *shop) queryStore(ctx context.Context, id int) string {
	defer trace.StartRegion(ctx, "query").End()
	answer := make(chan string)
	go fetchFromStore(id, answer)
	return <-answer
}

func fetchFromStore(id int, answer chan<- string) {
	if id%8 == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	capture.Spin(100 * time.Microsecond)
	answer <- "item " + strconv.Itoa(id)
}

func (s *shop) render(ctx context.Context, w io.Writer, item string) {
	trace.WithRegion(ctx, "render", func() {
		capture.Spin(40 * time.Microsecond)
		fmt.Fprintln(w, item)
	})
}

func runClient(number int, url string, done *sync.WaitGroup) {
	defer done.Done()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for i := 0; i < *requests; i++ {
		response, err := client.Get(fmt.Sprintf("%s/item?id=%d", url, (number*3+i)%12))
		capture.Check(err)
		_, err = io.Copy(io.Discard, response.Body)
		capture.Check(err)
		response.Body.Close()
	}
}

func serveClients() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	capture.Check(err)
	server := &http.Server{Handler: &shop{cache: map[int]string{}}}
	go server.Serve(listener)
	var done sync.WaitGroup
	for i := 0; i < *clients; i++ {
		done.Add(1)
		go runClient(i, "http://"+listener.Addr().String(), &done)
	}
	done.Wait()
	capture.Check(server.Shutdown(context.Background()))
}

func main() { capture.Run(serveClients) }
