package inventory

import (
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestAdd(t *testing.T) {
	inv := New()
	inv.Add("nut", 2)
	if got := inv.Add("nut", 3); got != 5 {
		t.Errorf("got %d nuts, want 5", got)
	}
}

func addRepeatedly(inv *Inventory, n int, done *sync.WaitGroup) {
	defer done.Done()
	for i := 0; i < n; i++ {
		inv.Add("bolt", 1)
	}
}

func TestAddConcurrently(t *testing.T) {
	inv := New()
	var done sync.WaitGroup
	for i := 0; i < 8; i++ {
		done.Add(1)
		go addRepeatedly(inv, 100, &done)
	}
	done.Wait()
	if got := inv.Add("bolt", 0); got != 800 {
		t.Errorf("got %d bolts, want 800", got)
	}
}

func TestParallel(t *testing.T) {
	for i := 0; i < 6; i++ {
		pause := time.Duration(i) * time.Millisecond
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			time.Sleep(pause)
			New().Add("gear", 1)
		})
	}
}
