package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Sources is where settings come from, besides the defaults.
type Sources struct {
	// File is a TOML file; "" is none. A file that is named must exist.
	File string
	// Environ is the environment as os.Environ gives it; only VERIDESK_… counts.
	// An empty variable is as if it were not there.
	Environ []string
	// Flags are settings given on the command line, by name ("smtp.port").
	Flags map[string]string
}

// Problem is one thing that is wrong with a setting.
type Problem struct {
	Setting string // name of the setting, or ""
	Where   string // "veridesk.toml line 4", "the variable VERIDESK_LISTEN", …
	What    string // what is wrong, without the value of a secret
	Mend    string // what to do about it
}

// Error is one sentence or two: where, what, and how to mend it.
func (p Problem) Error() string {
	var b strings.Builder
	if p.Where != "" {
		b.WriteString(p.Where + ": ")
	}
	if p.Setting != "" {
		b.WriteString(p.Setting + ": ")
	}
	b.WriteString(p.What)
	if p.Mend != "" {
		b.WriteString("; " + p.Mend)
	}
	return b.String()
}

// otherVariables begin with the prefix and are no settings: they belong to the
// command line and to the project's own tests.
var otherVariables = []string{EnvPrefix + "CONFIG", EnvPrefix + "SOAK", EnvPrefix + "TEST_", EnvPrefix + "REQUIRE_", EnvPrefix + "BENCH"}

// Load reads the settings from src and checks them. The error joins one
// [Problem] for each thing that is wrong; the warnings are sentences about
// settings that work but are probably not meant.
func Load(src Sources) (c Config, warnings []string, err error) {
	c = Default()
	// What Default derived must follow the settings that are read now.
	c.Database, c.MasterKeyFile, c.PublicURL = "", "", ""
	c.from = map[string]string{}
	var problems []error
	if src.File != "" {
		problems = append(problems, c.readFile(src.File)...)
	}
	unknown, more := c.readEnviron(src.Environ)
	problems = append(problems, more...)
	problems = append(problems, c.readFlags(src.Flags)...)
	if len(problems) > 0 {
		return c, nil, errors.Join(problems...)
	}
	c.derive()
	if problems = c.check(); len(problems) > 0 {
		return c, nil, errors.Join(problems...)
	}
	return c, append(unknown, c.warnings()...), nil
}

func (c *Config) readFile(path string) []error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []error{Problem{Where: path, What: "the configuration file is not there", Mend: "check the path given with --config or " + EnvPrefix + "CONFIG"}}
	}
	if err != nil {
		return []error{Problem{Where: path, What: "the configuration file cannot be read: " + err.Error(), Mend: "let the user that runs veridesk read it"}}
	}
	var tree map[string]any
	if _, err := toml.Decode(string(text), &tree); err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return []error{Problem{Where: fmt.Sprintf("%s line %d", path, pe.Position.Line), What: "this is not TOML: " + pe.Message, Mend: "texts stand in quotes, and lists in [ ]"}}
		}
		return []error{Problem{Where: path, What: err.Error()}}
	}
	lines := lineNumbers(string(text))
	all := settings(c)
	var problems []error
	for _, name := range flatten(tree, "", all) {
		where := fmt.Sprintf("%s line %d", path, lines[name.path])
		s, ok := find(all, name.path)
		if !ok {
			problems = append(problems, unknownSetting(name.path, where, all))
			continue
		}
		if err := s.setTOML(name.value); err != nil {
			problems = append(problems, Problem{s.name, where, err.Error(), "for example: " + exampleLine(s)})
			continue
		}
		c.from[s.name] = where
	}
	return problems
}

type leaf struct {
	path  string
	value any
}

// flatten lists the leaves of a decoded file, in a stable order. A table that
// stands where a setting is expected is a leaf.
func flatten(tree map[string]any, prefix string, all []setting) []leaf {
	var out []leaf
	for key, v := range tree {
		path := prefix + key
		if sub, ok := v.(map[string]any); ok {
			if _, isSetting := find(all, path); !isSetting && isTable(path, all) {
				out = append(out, flatten(sub, path+".", all)...)
				continue
			}
		}
		out = append(out, leaf{path, v})
	}
	slices.SortFunc(out, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
	return out
}

func isTable(name string, all []setting) bool {
	return slices.ContainsFunc(all, func(s setting) bool { return s.table == name })
}

// lineNumbers maps each key of a TOML text, with its table before it, to its
// line. The decoder knows the lines but does not tell them; the file has been
// decoded before, so the simple forms below are the ones to expect.
func lineNumbers(text string) map[string]int {
	lines := map[string]int{}
	table := ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			name, _, _ := strings.Cut(strings.Trim(line, "[ \t"), "]")
			name = strings.TrimSpace(name)
			lines[name] = i + 1
			table = name + "."
			continue
		}
		key, _, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		path := table + strings.Trim(strings.TrimSpace(key), `"'`)
		if lines[path] == 0 {
			lines[path] = i + 1
		}
		// smtp.host = "…" and smtp = { host = "…" } set the table's line as well.
		if first, _, dotted := strings.Cut(path, "."); dotted && lines[first] == 0 {
			lines[first] = i + 1
		}
	}
	return lines
}

func (c *Config) readEnviron(environ []string) (warnings []string, problems []error) {
	all := settings(c)
	byEnv := map[string]setting{}
	for _, s := range all {
		byEnv[s.env()] = s
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, EnvPrefix) || value == "" {
			continue
		}
		where := "the variable " + name
		s, ok := byEnv[name]
		if file, isFile := strings.CutSuffix(name, "_FILE"); !ok && isFile {
			// A secret mounted as a file, as container platforms do it.
			if s, ok = byEnv[file]; ok && s.secret != "" {
				text, err := os.ReadFile(value)
				if err != nil {
					problems = append(problems, Problem{s.name, where, "the file cannot be read: " + err.Error(), "name a file that the user that runs veridesk can read"})
					continue
				}
				value = strings.TrimSpace(string(text))
			} else {
				ok = false
			}
		}
		if !ok {
			if !slices.ContainsFunc(otherVariables, func(p string) bool { return strings.HasPrefix(name, p) }) {
				warnings = append(warnings, fmt.Sprintf("the variable %s is no setting and has no effect%s", name, didYouMean(name, all, setting.env)))
			}
			continue
		}
		if err := s.set(value); err != nil {
			problems = append(problems, Problem{s.name, where, err.Error(), "it takes " + s.kind()})
			continue
		}
		c.from[s.name] = where
	}
	return warnings, problems
}

func (c *Config) readFlags(flags map[string]string) []error {
	all := settings(c)
	var problems []error
	for name, value := range flags {
		where := "the command line"
		s, ok := find(all, name)
		if !ok {
			problems = append(problems, unknownSetting(name, where, all))
			continue
		}
		if err := s.set(value); err != nil {
			problems = append(problems, Problem{s.name, where, err.Error(), "it takes " + s.kind()})
			continue
		}
		c.from[s.name] = where
	}
	return problems
}

func unknownSetting(name, where string, all []setting) Problem {
	return Problem{
		Where: where, What: fmt.Sprintf("%q is no setting%s", name, didYouMean(name, all, func(s setting) string { return s.name })),
		Mend: "veridesk config --example lists them all",
	}
}

// didYouMean names the setting that is nearest to a wrong name, if any is near.
func didYouMean(name string, all []setting, of func(setting) string) string {
	best, at := "", len(name)/3+1
	for _, s := range all {
		if d := distance(strings.ToLower(name), strings.ToLower(of(s))); d < at {
			best, at = of(s), d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// distance counts the single-byte edits between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := left
			if a[i] != b[j] {
				cost++
			}
			left = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
