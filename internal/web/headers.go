package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// surface is a part of the address space with its own rules for browsers.
type surface int

const (
	siteSurface surface = iota
	consoleSurface
	widgetSurface
	appSurface
	apiSurface
)

func surfaceOf(path string) surface {
	head, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch head {
	case "console":
		return consoleSurface
	case "widget":
		return widgetSurface
	case "app":
		return appSurface
	case "api", "realtime", "healthz", "readyz", "metrics":
		return apiSurface
	}
	return siteSurface
}

// surfaceHeaders returns the security headers of every surface. No inline
// script or style anywhere, and no nonces: a 304 would keep a stale one.
func surfaceHeaders(public []*url.URL, frameAncestors []string) (map[surface]http.Header, error) {
	ancestors := "'self'"
	for _, o := range frameAncestors {
		u, err := url.Parse(o)
		if o != "*" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.ContainsAny(o, "; ,'\"\r\n")) {
			return nil, desk.Errorf(desk.Invalid, "%q may not frame the widget: an origin looks like https://www.example.com", o)
		}
		ancestors += " " + strings.TrimSuffix(o, "/")
	}
	// Old Safari does not count a WebSocket to the same host as 'self'.
	socket := ""
	for _, u := range public {
		socket += " " + strings.Replace(u.Scheme, "http", "ws", 1) + "://" + u.Host
	}
	csp := func(frames string) string {
		return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; " +
			"connect-src 'self'" + socket + "; font-src 'self'; manifest-src 'self'; frame-src 'self'; frame-ancestors " + frames +
			"; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
	}
	set := func(kv ...string) http.Header {
		h := http.Header{}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Permissions-Policy", "geolocation=(), microphone=(), camera=(), payment=(), usb=()")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if public[0].Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return h
	}
	return map[surface]http.Header{
		siteSurface: set("Content-Security-Policy", csp("'none'"), "X-Frame-Options", "DENY", "Cross-Origin-Opener-Policy", "same-origin"),
		// Addresses of the console may hold one-time tokens: they go nowhere.
		consoleSurface: set("Content-Security-Policy", csp("'none'"), "X-Frame-Options", "DENY", "Cross-Origin-Opener-Policy", "same-origin",
			"Referrer-Policy", "no-referrer"),
		// The exchange's pages load the loader and frame the application.
		widgetSurface: set("Content-Security-Policy", csp(ancestors), "Cross-Origin-Resource-Policy", "cross-origin"),
		// The in-app centre stands alone, in a tab or a native app's web view: nobody frames it. Its address may
		// hold a conversation.
		appSurface: set("Content-Security-Policy", csp("'none'"), "X-Frame-Options", "DENY", "Cross-Origin-Opener-Policy", "same-origin",
			"Referrer-Policy", "strict-origin"),
		apiSurface: set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options", "DENY",
			"Cache-Control", "no-store", "Referrer-Policy", "no-referrer"),
	}, nil
}
