package site

import (
	"html/template"
	"strings"
)

// The mark: a speech bubble that says yes.
const markPaths = `<path d="M16 3C8.8 3 3 8.1 3 14.4c0 3.4 1.7 6.4 4.4 8.5L6.6 28.5l6-2.9c1.1.2 2.2.4 3.4.4 7.2 0 13-5.1 13-11.6S23.2 3 16 3z" fill="currentColor"/><path d="M10.5 14.8l3.9 3.9 7.3-7.9" fill="none" stroke="#fff" stroke-width="2.8" stroke-linecap="round" stroke-linejoin="round"/>`

var faviconSVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` + strings.Replace(markPaths, "currentColor", "#0b5fd0", 1) + `</svg>`

func mark() template.HTML {
	return template.HTML(`<svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">` + markPaths + `</svg>`) //nolint:gosec // constant
}

// iconPaths are drawn on a 24 × 24 grid with a line of 1.75.
var iconPaths = map[string]string{
	"search":    `<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>`,
	"user":      `<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.8-6 7.500-6s6.700 2 7.500 6"/>`,
	"id":        `<rect x="3" y="5" width="18" height="14" rx="2.500"/><circle cx="8.500" cy="11" r="2"/><path d="M5.500 16c.5-1.500 1.600-2.200 3-2.200s2.500.7 3 2.200M14.500 10h4M14.500 14h4"/>`,
	"deposit":   `<path d="M12 3.500v11M7.500 10.500l4.500 4.500 4.500-4.500M4 16.500v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2"/>`,
	"withdraw":  `<path d="M12 15V4M7.500 8.500L12 4l4.500 4.500M4 16.500v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2"/>`,
	"trade":     `<path d="M4 8h14M14.500 4.500L18 8l-3.500 3.500M20 16H6M9.500 12.500L6 16l3.500 3.500"/>`,
	"fees":      `<path d="M6.500 17.500l11-11"/><circle cx="8" cy="8" r="2.500"/><circle cx="16" cy="16" r="2.500"/>`,
	"api":       `<path d="M8.500 7.500L4 12l4.500 4.500M15.500 7.500L20 12l-4.500 4.500M13.500 5l-3 14"/>`,
	"shield":    `<path d="M12 3l7.500 2.800v5.700c0 4.700-3.100 8-7.500 9.500-4.400-1.500-7.500-4.800-7.500-9.500V5.800z"/><path d="M8.700 12l2.400 2.400 4.300-4.600"/>`,
	"appeal":    `<path d="M12 4v16M8 20h8M5 7h14M5 7l-2.500 6.500h5zM19 7l-2.500 6.500h5z"/>`,
	"chat":      `<path d="M20.500 11.700c0 4.200-3.800 7.600-8.500 7.600-1.100 0-2.200-.2-3.200-.5L4 20.500l1.300-3.900a7.100 7.100 0 0 1-1.800-4.900C3.500 7.500 7.300 4 12 4s8.500 3.500 8.500 7.700z"/>`,
	"alert":     `<path d="M12 4.500L2.800 20h18.400zM12 10v4.500M12 17.300v.2"/>`,
	"right":     `<path d="M9.500 6l6 6-6 6"/>`,
	"sun":       `<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600L7 7M17 17l1.400 1.400M18.400 5.600L17 7M7 17l-1.400 1.400"/>`,
	"moon":      `<path d="M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z"/>`,
	"mail":      `<rect x="3" y="5" width="18" height="14" rx="2.500"/><path d="M3.500 7.500L12 13.500l8.500-6"/>`,
	"globe":     `<circle cx="12" cy="12" r="8.500"/><path d="M3.500 12h17M12 3.500c2.500 2.500 3.500 5.500 3.500 8.500s-1 6-3.500 8.500c-2.500-2.500-3.500-5.500-3.500-8.500s1-6 3.500-8.500z"/>`,
	"megaphone": `<path d="M4 10v4h3l9 4.500v-13L7 10zM7 14l1.500 5.500h2.500L9.700 15.300M19 10.500v3"/>`,
	"info":      `<circle cx="12" cy="12" r="8.500"/><path d="M12 11v5M12 8v.2"/>`,
	"close":     `<path d="M6.500 6.500l11 11M17.500 6.500l-11 11"/>`,
	"check":     `<path d="M5 12.500l4.500 4.500L19 7.500"/>`,
	"doc":       `<path d="M7 3.500h7l4 4v13H7zM14 3.500v4h4M10 12h5M10 16h5"/>`,
}

// icon draws an icon beside words that say the same; unknown names draw a page.
func icon(name string) template.HTML {
	d, ok := iconPaths[name]
	if !ok {
		d = iconPaths["doc"]
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">` + d + `</svg>`) //nolint:gosec // constants
}
