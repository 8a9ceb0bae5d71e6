// Command locks has goroutines contend for each kind of lock in package sync.
package main

import (
	"flag"
	"sync"
	"time"

	"workloads/internal/capture"
)

var rounds = flag.Int("rounds", 12, "how often each goroutine takes its lock")

// ledger is guarded by one mutex that is held for too long.
type ledger struct {
	mu    sync.Mutex
	total int
}

func (l *ledger) post(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *rounds; i++ {
		l.mu.Lock()
		l.total++
		capture.Spin(50 * time.Microsecond)
		l.mu.Unlock()
		capture.Spin(10 * time.Microsecond)
	}
}

// settings are read by many and written by one.
type settings struct {
	mu     sync.RWMutex
	values map[string]int
}

func (s *settings) read(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *rounds; i++ {
		s.mu.RLock()
		_ = s.values["limit"]
		capture.Spin(20 * time.Microsecond)
		s.mu.RUnlock()
		time.Sleep(30 * time.Microsecond)
	}
}

func (s *settings) write(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *rounds; i++ {
		s.mu.Lock()
		s.values["limit"] = i
		capture.Spin(80 * time.Microsecond)
		s.mu.Unlock()
		time.Sleep(100 * time.Microsecond)
	}
}

// mailbox wakes its readers with a condition variable.
type mailbox struct {
	mu       sync.Mutex
	arrived  *sync.Cond
	messages int
}

func (b *mailbox) take(done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < *rounds; i++ {
		b.mu.Lock()
		for b.messages == 0 {
			b.arrived.Wait()
		}
		b.messages--
		b.mu.Unlock()
	}
}

func (b *mailbox) deliver(n int, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < n; i++ {
		capture.Spin(20 * time.Microsecond)
		b.mu.Lock()
		b.messages++
		b.mu.Unlock()
		if i%4 == 3 {
			b.arrived.Broadcast()
		} else {
			b.arrived.Signal()
		}
	}
	b.arrived.Broadcast()
}

// table is loaded once, while all others wait for it.
type table struct {
	once sync.Once
	rows []int
}

func (t *table) load() {
	time.Sleep(2 * time.Millisecond)
	t.rows = []int{1, 2, 3}
}

func (t *table) use(done *sync.WaitGroup) {
	defer done.Done()
	t.once.Do(t.load)
}

func contend() {
	var done sync.WaitGroup
	book := &ledger{}
	config := &settings{values: map[string]int{}}
	box := &mailbox{}
	box.arrived = sync.NewCond(&box.mu)
	rows := &table{}
	done.Add(4 + 4 + 1 + 3 + 1 + 5)
	for i := 0; i < 4; i++ {
		go book.post(&done)
		go config.read(&done)
	}
	go config.write(&done)
	for i := 0; i < 3; i++ {
		go box.take(&done)
	}
	go box.deliver(3**rounds, &done)
	for i := 0; i < 5; i++ {
		go rows.use(&done)
	}
	done.Wait()
}

func main() { capture.Run(contend) }
