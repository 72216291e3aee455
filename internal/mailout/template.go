package mailout

import (
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"strconv"
	"strings"
	"text/template"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
)

// Template is a mail in every locale. Its texts use {{.Brand}} and the data by
// name; paragraphs are separated by blank lines, and a paragraph that is only
// {{.link}} becomes a link in the HTML part.
type Template struct {
	Needs []string // names of the data without which it makes no sense
	Texts map[string]Text
}

// Text is a mail in one locale.
type Text struct{ Subject, Body string }

// Templates are the mails of the desk. What is read in traditional Chinese is made
// of the simplified text; what people have written stays as they wrote it.
//
//	invitation        link, role, invited_by, expires_at (decimal microseconds)
//	password_changed  at (decimal microseconds), ip
//	chat_answer       number, link, lines (JSON: a list of at, by, name, body, event, files)
//	chat_transcript   number, lines, cut (anything: only the newest part)
//	review_due        link, count, more, articles (JSON: a list of title, locale, link, due_at)
var Templates = map[string]Template{
	"invitation": {
		Needs: []string{"link", "role", "expires_at"},
		Texts: map[string]Text{
			"en": {
				"You are invited to the support desk of {{.Brand}}",
				`Hello,

{{if .invited_by}}{{.invited_by}} invites you{{else}}You are invited{{end}} to the support desk of {{.Brand}} as {{role .role}}. Open this link to choose your password:

{{.link}}

The link works once, until {{moment .expires_at}}. Keep it to yourself.

If you did not expect this, ignore it: without the link nothing happens. We never ask for your password or a code by mail.`,
			},
			"zh-CN": {
				"邀请您加入 {{.Brand}} 客服系统",
				`您好：

{{if .invited_by}}{{.invited_by}} 邀请您{{else}}诚邀您{{end}}以“{{role .role}}”身份加入 {{.Brand}} 客服系统。请打开以下链接设置密码：

{{.link}}

链接仅可使用一次，有效期至 {{moment .expires_at}}。请勿转发给他人。

如果您并不知情，忽略本邮件即可，不会有任何影响。我们绝不会通过邮件索要您的密码或验证码。`,
			},
		},
	},
	"review_due": {
		Needs: []string{"link", "count", "articles"},
		Texts: map[string]Text{
			"en": {
				"{{.count}} Help Center article(s) of yours are due for a review",
				`Hello,

please look through these articles and correct what is no longer true, or confirm in the console that they are still right:
{{range articles .articles}}
{{.Title}} ({{.Locale}}), due since {{day .DueAt}}
{{.Link}}
{{end}}{{if ne .more "0"}}
and {{.more}} more.
{{end}}
All that is due:

{{.link}}

You get this mail once a week while something is due.`,
			},
			"zh-CN": {
				"您有 {{.count}} 篇帮助中心文章需要复核",
				`您好：

请复核以下文章：更正已不准确的内容，或在控制台确认内容仍然有效。
{{range articles .articles}}
{{.Title}}（{{.Locale}}），应于 {{day .DueAt}} 复核
{{.Link}}
{{end}}{{if ne .more "0"}}
以及另外 {{.more}} 篇。
{{end}}
全部待复核的文章：

{{.link}}

只要仍有文章待复核，本邮件每周发送一次。`,
			},
		},
	},
	"chat_answer":     chatAnswer,
	"chat_transcript": chatTranscript,
	"password_changed": {
		Needs: []string{"at"},
		Texts: map[string]Text{
			"en": {
				"Your {{.Brand}} support desk password was changed",
				`Hello,

the password of your account at the support desk of {{.Brand}} was changed on {{moment .at}}{{if .ip}} from the address {{.ip}}{{end}}.

If that was you, there is nothing to do. If not, tell an administrator of the desk at once.

We never ask for your password or a code by mail.`,
			},
			"zh-CN": {
				"您的 {{.Brand}} 客服系统密码已修改",
				`您好：

您在 {{.Brand}} 客服系统的账户密码已于 {{moment .at}} 修改{{if .ip}}，来源地址为 {{.ip}}{{end}}。

如果是您本人操作，无需处理；如非本人操作，请立即联系客服系统管理员。

我们绝不会通过邮件索要您的密码或验证码。`,
			},
		},
	},
}

var roleNames = map[string]map[desk.Role]string{
	"en": {
		desk.Admin: "administrator", desk.Supervisor: "supervisor", desk.AgentRole: "agent",
		desk.Editor: "editor", desk.Compliance: "compliance officer", desk.Auditor: "auditor",
	},
	"zh-CN": {
		desk.Admin: "管理员", desk.Supervisor: "主管", desk.AgentRole: "客服",
		desk.Editor: "内容编辑", desk.Compliance: "合规专员", desk.Auditor: "审计员",
	},
}

var dayLayouts = map[string]string{"en": "2 January 2006", "zh-CN": "2006年1月2日"}

var momentLayouts = map[string]string{"en": "2 January 2006, 15:04 UTC", "zh-CN": "2006年1月2日 15:04（UTC）"}

type composed struct{ subject, text, html string }

var htmlMail = htmltemplate.Must(htmltemplate.New("mail").Parse(`<!doctype html>
<html lang="{{.Locale}}"><head><meta charset="utf-8"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;font:16px/1.6 system-ui,sans-serif;color:#1c2430">
<div style="max-width:560px;margin:0 auto">
{{range .Paragraphs}}<p>{{range $i, $l := .}}{{if $i}}<br>{{end}}{{if .Link}}<a href="{{.Text}}" style="color:#0b57d0;word-break:break-all">{{.Text}}</a>{{else}}{{.Text}}{{end}}{{end}}</p>
{{end}}</div></body></html>
`))

// compose fills a letter's template in.
func (m *Mailer) compose(l letter) (composed, error) {
	locale, say := desk.KnownLocale(l.Locale), func(s string) string { return s }
	if l.Locale == "zh-TW" {
		say = fold.Traditional
	}
	text, ok := Templates[l.Template].Texts[locale]
	if !ok {
		return composed{}, fmt.Errorf("mail template %q has no text in %q", l.Template, locale)
	}
	// Every name a template may ask for is there: an optional one is empty.
	data := map[string]string{"invited_by": "", "ip": "", "more": "0", "cut": ""}
	for k, v := range l.Data {
		data[k] = v
	}
	data["Brand"], data["IronRule"] = say(m.brand(locale)), say(desk.IronRule(locale))
	subject, err := fill(locale, say(text.Subject), data)
	if err != nil {
		return composed{}, err
	}
	body, err := fill(locale, say(text.Body), data)
	if err != nil {
		return composed{}, err
	}
	paragraphs := paragraphsOf(body, links(data))
	var html strings.Builder
	err = htmlMail.Execute(&html, map[string]any{"Locale": l.Locale, "Subject": subject, "Paragraphs": paragraphs})
	return composed{subject, body + "\n", html.String()}, err
}

// line is a line of a mail.
type line struct {
	Text string
	Link bool // the line is nothing but an address of ours
}

func paragraphsOf(body string, links map[string]bool) [][]line {
	var out [][]line
	for p := range strings.SplitSeq(body, "\n\n") {
		var lines []line
		for text := range strings.SplitSeq(p, "\n") {
			lines = append(lines, line{text, links[text]})
		}
		out = append(out, lines)
	}
	return out
}

// links are the addresses that a mail's data names; nothing else becomes a link.
func links(data map[string]string) map[string]bool {
	out := map[string]bool{data["link"]: data["link"] != ""}
	var due []dueArticle
	if json.Unmarshal([]byte(data["articles"]), &due) == nil {
		for _, d := range due {
			out[d.Link] = d.Link != ""
		}
	}
	return out
}

func (m *Mailer) brand(locale string) string {
	for _, l := range []string{locale, "en"} {
		if b := m.cfg.Brand[l]; b != "" {
			return b
		}
	}
	return m.domain
}

// dueArticle is a line of the mail review_due.
type dueArticle struct {
	Title  string      `json:"title"`
	Locale string      `json:"locale"`
	Link   string      `json:"link"`
	DueAt  desk.Micros `json:"due_at"`
}

func fill(locale, text string, data map[string]string) (string, error) {
	t, err := template.New("mail").Option("missingkey=error").Funcs(template.FuncMap{
		"role": func(r string) string {
			if name, ok := roleNames[locale][desk.Role(r)]; ok {
				return name
			}
			return r
		},
		"moment": func(micros string) (string, error) {
			n, err := strconv.ParseInt(micros, 10, 64)
			return desk.Micros(n).Time().Format(momentLayouts[locale]), err
		},
		"clock": func(at desk.Micros) string { return at.Time().Format(momentLayouts[locale]) },
		"day":   func(at desk.Micros) string { return at.Time().Format(dayLayouts[locale]) },
		"lines": func(list string) (out []chatLine, err error) {
			err = json.Unmarshal([]byte(list), &out)
			return out, err
		},
		"articles": func(list string) (out []dueArticle, err error) {
			err = json.Unmarshal([]byte(list), &out)
			return out, err
		},
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, data)
	return b.String(), err
}
