// Command report reads the events of go test -json and prints what a person
// wants to know: one line per package, the output of what failed, and at the
// end the counts and every skipped test with its reason. It exits 1 when a
// test failed or none ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// event is a line of go test -json (go doc test2json) or of go build -json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build output
	Test       string
	Output     string
	Elapsed    float64 // seconds
}

func main() {
	ok, err := report(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

// run is what is known of one go test.
type run struct {
	out                     *bufio.Writer
	output                  map[string][]string // package/test → its lines, until it ends
	passed, failed, skipped int
	brokenPackages          []string
	skips                   map[string][]string // reason → tests
}

// report returns whether every test passed, and at least one did.
func report(in io.Reader, out io.Writer) (bool, error) {
	r := &run{out: bufio.NewWriter(out), output: map[string][]string{}, skips: map[string][]string{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if len(line) > 0 {
			if line[0] == '{' && json.Unmarshal(line, &e) == nil {
				r.take(e)
			} else {
				r.out.Write(line) //nolint:errcheck // Flush tells
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
	}
	r.sumUp()
	return r.failed == 0 && len(r.brokenPackages) == 0 && r.passed > 0, r.out.Flush()
}

func (r *run) take(e event) {
	key := e.Package + "\x00" + e.Test
	switch e.Action {
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "pass":
		if e.Test != "" {
			r.passed++
		} else {
			fmt.Fprintf(r.out, "ok    %6.1f s  %s\n", e.Elapsed, e.Package)
		}
		delete(r.output, key)
	case "skip":
		if e.Test != "" {
			r.skipped++
			reason := reasonOf(r.output[key])
			r.skips[reason] = append(r.skips[reason], e.Package[strings.LastIndexByte(e.Package, '/')+1:]+"."+e.Test)
		}
		delete(r.output, key)
	case "fail":
		r.fail(e, key)
	}
	// A long run should be seen moving, and a package's line ends something.
	if e.Test == "" {
		r.out.Flush() //nolint:errcheck // the last Flush tells
	}
}

func (r *run) fail(e event, key string) {
	for _, line := range r.output[key] {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(r.out, line)
		}
	}
	delete(r.output, key)
	if e.Test != "" {
		r.failed++
		return
	}
	r.brokenPackages = append(r.brokenPackages, e.Package)
	// What a test printed that never ended (a panic, a time-out) explains it.
	for k, lines := range r.output {
		if strings.HasPrefix(k, e.Package+"\x00") {
			fmt.Fprint(r.out, strings.Join(lines, ""))
			delete(r.output, k)
		}
	}
	fmt.Fprintf(r.out, "FAIL  %6.1f s  %s\n", e.Elapsed, e.Package)
}

var place = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

// reasonOf is what a test said before it skipped.
func reasonOf(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if place.MatchString(line) {
			return strings.TrimSpace(place.ReplaceAllString(line, ""))
		}
	}
	return "no reason given"
}

func (r *run) sumUp() {
	for reason, tests := range r.skips {
		slices.Sort(tests)
		shown := tests[:min(len(tests), 5)]
		more := ""
		if len(tests) > len(shown) {
			more = fmt.Sprintf(" and %d more", len(tests)-len(shown))
		}
		fmt.Fprintf(r.out, "SKIPPED: %s: %s%s\n", reason, strings.Join(shown, ", "), more)
	}
	for _, p := range r.brokenPackages {
		fmt.Fprintln(r.out, "FAILED:", p)
	}
	fmt.Fprintf(r.out, "gotest: %d passed, %d failed, %d skipped\n", r.passed, r.failed+r.packagesWithoutTest(), r.skipped)
}

// packagesWithoutTest counts packages that broke before a test could fail, such
// as those that do not compile.
func (r *run) packagesWithoutTest() int {
	if r.failed > 0 {
		return 0
	}
	return len(r.brokenPackages)
}
