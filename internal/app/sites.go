package app

import "github.com/veridesk/veridesk/internal/site"

// tenants are the further addresses of the Help Center, as the site wants them.
func (a *app) tenants() []site.Tenant {
	var out []site.Tenant
	for _, s := range a.cfg.Sites() {
		out = append(out, site.Tenant{Host: s.Host, Entity: s.Entity, Region: s.Region, PublicURL: s.PublicURL})
	}
	return out
}

// siteURLs are their public addresses.
func (a *app) siteURLs() []string {
	var out []string
	for _, s := range a.cfg.Sites() {
		out = append(out, s.PublicURL)
	}
	return out
}
