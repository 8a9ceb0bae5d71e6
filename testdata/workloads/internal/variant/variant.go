// Package variant is the -variant flag of programs that show the same work
// before and after a change.
package variant

import (
	"flag"
	"fmt"
	"os"
)

var name = flag.String("variant", "before", "before or after the change")

// After tells which variant was asked for. Call it when flags are parsed.
func After() bool {
	switch *name {
	case "before":
		return false
	case "after":
		return true
	}
	fmt.Fprintln(os.Stderr, "-variant is neither before nor after")
	os.Exit(2)
	return false
}
