package guard

import (
	"regexp"
	"strings"
)

// Armours of private keys: RFC 7468 §10–11 (PKCS #8), RFC 1421 (the older "RSA PRIVATE KEY"), OpenSSH PROTOCOL.key,
// RFC 4880 §6.2 (PGP), RFC 4716 style "SSH2" keys. Phones turn hyphens into dashes; that does not save a key.
var (
	armourLine = regexp.MustCompile(`(?i)[-–—−‐]{2,10} ?(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?[-–—−‐]{2,10}`)
	armourHead = regexp.MustCompile(`^(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|Subject|x-[a-z-]+): ?[^\r\n\\]{0,200}`)
	puttyHead  = regexp.MustCompile(`PuTTY-User-Key-File-\d`)
	puttyBody  = regexp.MustCompile(`Private-Lines: ?\d+`)
	puttyMAC   = regexp.MustCompile(`^\s*Private-(?:MAC|Hash): ?[0-9a-fA-F]{16,128}`)
)

const (
	// openSSHMagic is the base64 of "openssh-key-v1\0": a key whose armour was left out still begins with it.
	openSSHMagic = "b3BlbnNzaC1rZXktdjEA"
	// minKeyBody is the least base64 that can be a key (an Ed25519 key in PKCS #8 has 64 characters); armour with
	// less is talk about armour.
	minKeyBody = 40
	// minBareKeyBody is asked of a body without armour.
	minBareKeyBody = 100
	// longWord is how long a stretch of base64 must be to count as a line of a key where no END line follows.
	longWord = 16
)

// scanPEM finds private keys in armour, on one line or many, quoted in a mail, or in JSON with "\n" written out.
func scanPEM(text string) []Finding {
	var found []Finding
	if strings.Contains(text, "PRIVATE KEY") || containsFold(text, "private key") {
		found = scanArmour(text)
	}
	if strings.Contains(text, openSSHMagic) {
		found = append(found, scanBareOpenSSH(text)...)
	}
	if strings.Contains(text, "PuTTY-User-Key-File-") {
		found = append(found, scanPuTTY(text)...)
	}
	if len(found) < 2 {
		return found
	}
	return disjoint(found)
}

func pemFinding(start, end int) Finding {
	return Finding{Kind: KindPEM, Start: start, End: end, Certainty: Certain}
}

func scanArmour(text string) []Finding {
	lines := armourLine.FindAllStringSubmatchIndex(text, -1)
	var found []Finding
	for i, line := range lines {
		if !strings.EqualFold(text[line[2]:line[3]], "BEGIN") {
			continue
		}
		limit, closed := len(text), false
		if i+1 < len(lines) {
			limit = lines[i+1][0]
			closed = strings.EqualFold(text[lines[i+1][2]:lines[i+1][3]], "END")
		}
		end, size := keyBody(text[:limit], line[1], closed)
		if size < minKeyBody {
			continue
		}
		if closed {
			end = lines[i+1][1]
		}
		found = append(found, pemFinding(line[0], end))
	}
	return found
}

func scanBareOpenSSH(text string) []Finding {
	var found []Finding
	for at := 0; ; {
		i := strings.Index(text[at:], openSSHMagic)
		if i < 0 {
			return found
		}
		start := at + i
		end, size := keyBody(text, start, false)
		if size >= minBareKeyBody {
			found = append(found, pemFinding(start, end))
		}
		at = max(end, start+len(openSSHMagic))
	}
}

func scanPuTTY(text string) []Finding {
	var found []Finding
	heads := puttyHead.FindAllStringIndex(text, -1)
	for i, head := range heads {
		limit := len(text)
		if i+1 < len(heads) {
			limit = heads[i+1][0]
		}
		body := puttyBody.FindStringIndex(text[head[1]:limit])
		if body == nil {
			continue
		}
		end, size := keyBody(text[:limit], head[1]+body[1], false)
		if size < minKeyBody {
			continue
		}
		if mac := puttyMAC.FindStringIndex(text[end:limit]); mac != nil {
			end += mac[1]
		}
		found = append(found, pemFinding(head[0], end))
	}
	return found
}

// keyBody reads base64 from byte from, over line breaks, written-out "\n", mail quoting and armour headers, and
// gives where it ends and how many characters of it there are. Without a closing line (closed false) only long
// stretches count, because every English word is base64 too.
func keyBody(text string, from int, closed bool) (end, size int) {
	end = from
	for at := from; ; {
		at = skipBetweenLines(text, at)
		if head := armourHead.FindStringIndex(text[at:]); head != nil && size == 0 {
			at += head[1]
			continue
		}
		stop := at
		for stop < len(text) && isBase64(text[stop]) {
			stop++
		}
		n := stop - at
		if n == 0 || (n < longWord && !closed && !strings.HasSuffix(text[at:stop], "=")) {
			return end, size
		}
		at, end = stop, stop
		size += n
	}
}

func skipBetweenLines(text string, at int) int {
	for at < len(text) {
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '>' || c == '"' || c == ',' || c == '|':
			at++
		case c == '\\' && at+1 < len(text) && (text[at+1] == 'n' || text[at+1] == 'r'):
			at += 2
		default:
			return at
		}
	}
	return at
}

func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '='
}
