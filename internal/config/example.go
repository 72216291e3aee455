package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Example returns the documented example file: every setting with its
// explanation, its variable and its default, commented out.
func Example() string {
	c := new(Config)
	var b strings.Builder
	b.WriteString(`# Veridesk: every setting, with its default. Written by "make generate" from
# internal/config; change the explanations there.
#
# A setting comes from its default, then from this file (--config FILE or
# VERIDESK_CONFIG), then from its variable, then from a flag (--set NAME=VALUE);
# the last one that speaks wins. In a variable, lists are separated by commas.
# A secret can also be read from a file: VERIDESK_SMTP_PASSWORD_FILE=/run/secrets/smtp.
`)
	table := ""
	for _, s := range settings(c) {
		if s.table != table {
			table = s.table
			field, _ := tableField(table)
			fmt.Fprintf(&b, "\n# %s\n[%s]\n", field, table)
		}
		b.WriteString("\n")
		for _, line := range wrap(s.help, 88) {
			b.WriteString("# " + line + "\n")
		}
		if s.unset != "" {
			b.WriteString("# Empty: " + s.unset + ".\n")
		}
		fmt.Fprintf(&b, "# Variable: %s\n", s.env())
		b.WriteString("# " + exampleLine(s) + "\n")
	}
	return b.String()
}

// tableField returns the explanation of a table.
func tableField(table string) (help string, ok bool) {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("name") == table {
			return f.Tag.Get("help"), true
		}
	}
	return "", false
}

// exampleLine writes the default of s as TOML.
func exampleLine(s setting) string {
	switch s.value.Kind() {
	case reflect.Bool, reflect.Int:
		return s.key + " = " + s.def
	case reflect.Slice:
		return s.key + " = []"
	default:
		return s.key + " = " + strconv.Quote(s.def)
	}
}

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
