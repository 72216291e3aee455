package helpcenter

// robotMarks are what machines that read pages call themselves, in lower case.
var robotMarks = []string{
	"bot", "crawl", "spider", "slurp", "headless", "lighthouse", "preview", "monitor", "uptime", "pingdom", "scrap", "archiv",
	"facebookexternalhit", "curl", "wget", "python", "java/", "okhttp", "go-http", "node-fetch", "axios", "libwww", "httpclient", "feedfetcher", "validator",
}

// Robot reports whether a User-Agent is a machine's, so that its views are not
// counted. No User-Agent at all is a machine too. It does not allocate.
func Robot(userAgent string) bool {
	if userAgent == "" {
		return true
	}
	for _, mark := range robotMarks {
		for rest := userAgent; ; {
			at := indexFold(rest, mark)
			if at < 0 {
				break
			}
			if mark != "bot" || at < 2 || indexFold(rest[at-2:at], "cu") != 0 { // Cubot makes telephones
				return true
			}
			rest = rest[at+len(mark):]
		}
	}
	return false
}

// indexFold finds an ASCII text in lower case within s, whatever the case there.
func indexFold(s, low string) int {
	for i := 0; i+len(low) <= len(s); i++ {
		j := 0
		for j < len(low) && lower(s[i+j]) == low[j] {
			j++
		}
		if j == len(low) {
			return i
		}
	}
	return -1
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
