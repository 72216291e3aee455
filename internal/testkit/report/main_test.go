package main

import (
	"bytes"
	"strings"
	"testing"
)

// A red run must be red, and say what broke; a run that executed nothing must
// not look green.
func TestReport(t *testing.T) {
	const pass = `{"Action":"pass","Package":"m/a","Test":"TestGood","Elapsed":0.1}` + "\n" + `{"Action":"pass","Package":"m/a","Elapsed":0.2}` + "\n"
	cases := []struct {
		name, events string
		ok           bool
		want         []string
	}{
		{"all good", pass, true, []string{"ok       0.2 s  m/a", "gotest: 1 passed, 0 failed, 0 skipped"}},
		{"nothing ran", "", false, []string{"0 passed"}},
		{
			"a failure shows its output", pass +
				`{"Action":"output","Package":"m/b","Test":"TestBad","Output":"    b_test.go:3: lost a message\n"}` + "\n" +
				`{"Action":"fail","Package":"m/b","Test":"TestBad"}` + "\n" + `{"Action":"fail","Package":"m/b","Elapsed":1}` + "\n",
			false,
			[]string{"lost a message", "FAILED: m/b", "1 passed, 1 failed"},
		},
		{
			"a skip says why", pass +
				`{"Action":"output","Package":"m/c","Test":"TestPG","Output":"=== RUN   TestPG\n"}` + "\n" +
				`{"Action":"output","Package":"m/c","Test":"TestPG","Output":"    pg.go:9: PostgreSQL: not installed\n"}` + "\n" +
				`{"Action":"output","Package":"m/c","Test":"TestPG","Output":"--- SKIP: TestPG (0.00s)\n"}` + "\n" +
				`{"Action":"skip","Package":"m/c","Test":"TestPG"}` + "\n",
			true,
			[]string{"SKIPPED: PostgreSQL: not installed: c.TestPG", "1 passed, 0 failed, 1 skipped"},
		},
		{
			"code that does not compile", pass +
				`{"ImportPath":"m/d","Action":"build-output","Output":"d.go:1: syntax error\n"}` + "\n" + `{"Action":"fail","Package":"m/d"}` + "\n",
			false,
			[]string{"syntax error", "FAILED: m/d", "1 passed, 1 failed"},
		},
		{
			"a test that never ended", pass +
				`{"Action":"output","Package":"m/e","Test":"TestHang","Output":"panic: test timed out\n"}` + "\n" + `{"Action":"fail","Package":"m/e"}` + "\n",
			false,
			[]string{"panic: test timed out"},
		},
		{"words of others pass through", "go: downloading x\n" + pass, true, []string{"go: downloading x"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			ok, err := report(strings.NewReader(c.events), &out)
			if err != nil || ok != c.ok {
				t.Errorf("ok is %v (error %v), want %v", ok, err, c.ok)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the report lacks %q:\n%s", want, out.String())
				}
			}
		})
	}
}
