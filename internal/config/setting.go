package config

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// EnvPrefix stands before the name of every variable that is a setting.
const EnvPrefix = "VERIDESK_"

// setting is one field of a Config together with its tags.
type setting struct {
	name   string // as in the file, for example "smtp.port"
	table  string // "" or the table's name
	key    string // name without the table
	help   string
	def    string
	unset  string // what an empty value means
	secret string // "", "true", or "url": the password in an address
	value  reflect.Value
}

// env returns the variable that sets s.
func (s setting) env() string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(s.name, ".", "_"))
}

// settings lists the fields of c in the order of the struct; setting one
// changes c.
func settings(c *Config) []setting {
	return fieldsOf(reflect.ValueOf(c).Elem(), "")
}

func fieldsOf(v reflect.Value, table string) []setting {
	var out []setting
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		key := f.Tag.Get("name")
		if f.Type.Kind() == reflect.Struct {
			out = append(out, fieldsOf(v.Field(i), key)...)
			continue
		}
		name := key
		if table != "" {
			name = table + "." + key
		}
		out = append(out, setting{
			name: name, table: table, key: key, help: f.Tag.Get("help"), def: f.Tag.Get("default"),
			unset: f.Tag.Get("unset"), secret: f.Tag.Get("secret"), value: v.Field(i),
		})
	}
	return out
}

func find(all []setting, name string) (setting, bool) {
	for _, s := range all {
		if s.name == name {
			return s, true
		}
	}
	return setting{}, false
}

// sites is the value when s is the list of help sites, else nil.
func (s setting) sites() *[]HelpSite {
	if !s.value.CanAddr() {
		return nil
	}
	to, _ := s.value.Addr().Interface().(*[]HelpSite)
	return to
}

// kind says in words what s takes.
func (s setting) kind() string {
	if s.sites() != nil {
		return "sites as host|entity|region|public_url, or tables [[help_sites]] in the file"
	}
	switch s.value.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list of texts"
	default:
		return "a text"
	}
}

// set reads a value as variables and flags write it; lists are separated by
// commas.
func (s setting) set(raw string) (err error) {
	if to := s.sites(); to != nil {
		*to, err = sitesFrom(raw)
		return err
	}
	switch s.value.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(strings.TrimSpace(raw))
		if err != nil {
			return fmt.Errorf("%q is not true or false", raw)
		}
		s.value.SetBool(b)
	case reflect.Int:
		n, err := strconv.ParseInt(strings.TrimSpace(raw), 10, 32)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", raw)
		}
		s.value.SetInt(n)
	case reflect.Slice:
		var list []string
		for part := range strings.SplitSeq(raw, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		s.value.Set(reflect.ValueOf(list))
	default:
		s.value.SetString(raw)
	}
	return nil
}

// setTOML takes a value as the TOML decoder gives it; the types must agree.
func (s setting) setTOML(v any) (err error) {
	if to := s.sites(); to != nil {
		*to, err = sitesFromTOML(v)
		return err
	}
	switch v := v.(type) {
	case string:
		if s.value.Kind() == reflect.String {
			s.value.SetString(v)
			return nil
		}
	case bool:
		if s.value.Kind() == reflect.Bool {
			s.value.SetBool(v)
			return nil
		}
	case int64:
		if s.value.Kind() == reflect.Int {
			s.value.SetInt(v)
			return nil
		}
	case []any:
		if s.value.Kind() == reflect.Slice {
			list := make([]string, len(v))
			for i, e := range v {
				t, ok := e.(string)
				if !ok {
					return fmt.Errorf("it takes a list of texts, and entry %d is none", i+1)
				}
				list[i] = t
			}
			s.value.Set(reflect.ValueOf(list))
			return nil
		}
	}
	return fmt.Errorf("it takes %s", s.kind())
}

// text is the value as a variable would hold it.
func (s setting) text() string {
	if sites, ok := s.value.Interface().([]HelpSite); ok {
		return sitesText(sites)
	}
	if s.value.Kind() == reflect.Slice {
		return strings.Join(s.value.Interface().([]string), ",")
	}
	return fmt.Sprint(s.value.Interface())
}

// shown is the value for people: secrets are masked.
func (s setting) shown() string {
	t := s.text()
	if t == "" {
		return "(empty)"
	}
	switch s.secret {
	case "true":
		return "(secret)"
	case "url":
		return redactURL(t)
	}
	return t
}

// redactURL takes the password out of an address. What cannot be read as one
// is hidden as a whole, for the password may be anywhere in it.
func redactURL(t string) string {
	if strings.HasPrefix(t, "sqlite:") {
		return t
	}
	u, err := url.Parse(t)
	if err != nil || u.Scheme == "" {
		return "(secret)"
	}
	q := u.Query()
	for k := range q {
		if strings.Contains(strings.ToLower(k), "password") {
			q.Set(k, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}
