package config

import (
	"errors"
	"fmt"
	"strings"
)

// sitesFrom reads sites as a variable holds them: separated by commas, and
// within one host|entity|region|public_url, the last two optional.
func sitesFrom(raw string) ([]HelpSite, error) {
	var out []HelpSite
	for part := range strings.SplitSeq(raw, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		f := strings.Split(part, "|")
		if len(f) < 2 || len(f) > 4 {
			return nil, fmt.Errorf("%q is not of the form host|entity|region|public_url", part)
		}
		for len(f) < 4 {
			f = append(f, "")
		}
		out = append(out, HelpSite{strings.TrimSpace(f[0]), strings.TrimSpace(f[1]), strings.TrimSpace(f[2]), strings.TrimSpace(f[3])})
	}
	return out, nil
}

// sitesText is the opposite of sitesFrom.
func sitesText(sites []HelpSite) string {
	parts := make([]string, len(sites))
	for i, s := range sites {
		parts[i] = strings.Join([]string{s.Host, s.Entity, s.Region, s.PublicURL}, "|")
	}
	return strings.Join(parts, ",")
}

// sitesFromTOML reads the tables [[help_sites]].
func sitesFromTOML(v any) ([]HelpSite, error) {
	var tables []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		tables = v
	case []any:
		for i, e := range v {
			t, ok := e.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("entry %d is not a table", i+1)
			}
			tables = append(tables, t)
		}
	default:
		return nil, errors.New("it takes tables, each below a line [[help_sites]]")
	}
	out := make([]HelpSite, len(tables))
	for i, t := range tables {
		s := &out[i]
		fields := map[string]*string{"host": &s.Host, "entity": &s.Entity, "region": &s.Region, "public_url": &s.PublicURL}
		for key, v := range t {
			to, ok := fields[key]
			if !ok {
				return nil, fmt.Errorf("table %d has %q, which is not one of host, entity, region and public_url", i+1, key)
			}
			if *to, ok = v.(string); !ok {
				return nil, fmt.Errorf("%s of table %d is not a text", key, i+1)
			}
		}
	}
	return out, nil
}

func (c *Config) checkSites(rule func(string, error, string)) {
	const name = "help_sites"
	seen := map[string]bool{}
	for _, s := range c.HelpSites {
		switch {
		case s.Host == "" || strings.ContainsAny(s.Host, "/ @?#*\\\"'<>|,\r\n\t"):
			rule(name, fmt.Errorf("%q is not a host", s.Host), "write the name as browsers send it, such as eu.help.meridian.example")
		case seen[s.Host]:
			rule(name, fmt.Errorf("%s is there twice", s.Host), "give each site a host of its own")
		case s.Entity == "" && s.Region == "":
			rule(name, fmt.Errorf("%s names neither entity nor region", s.Host), "say whose articles are read there")
		default:
			rule(name, checkOrigin(s.PublicURL), "write scheme and host only, for example https://eu.help.meridian.example")
		}
		seen[s.Host] = true
	}
}
