// Package config is the settings of an installation: one struct whose tags hold
// each setting's name, default and explanation. A value comes from the
// defaults, then a TOML file, then VERIDESK_… variables, then flags; the last
// one that speaks wins. Every complaint says where the value came from and how
// to mend it. The documented example under deploy/ is generated from the tags.
package config
