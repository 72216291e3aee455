package mailout

import (
	"fmt"
	htmltemplate "html/template"
	"strconv"
	"strings"
	"text/template"

	"github.com/veridesk/veridesk/internal/desk"
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

// Templates are the mails of the desk.
//
//	invitation        link, role, invited_by, expires_at (decimal microseconds)
//	password_changed  at (decimal microseconds), ip
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

var momentLayouts = map[string]string{"en": "2 January 2006, 15:04 UTC", "zh-CN": "2006年1月2日 15:04（UTC）"}

type composed struct{ subject, text, html string }

var htmlMail = htmltemplate.Must(htmltemplate.New("mail").Parse(`<!doctype html>
<html lang="{{.Locale}}"><head><meta charset="utf-8"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;font:16px/1.6 system-ui,sans-serif;color:#1c2430">
<div style="max-width:560px;margin:0 auto">
{{range .Paragraphs}}{{if .Link}}<p><a href="{{.Text}}" style="color:#0b57d0;word-break:break-all">{{.Text}}</a></p>
{{else}}<p>{{.Text}}</p>
{{end}}{{end}}</div></body></html>
`))

// compose fills a letter's template in.
func (m *Mailer) compose(l letter) (composed, error) {
	text, ok := Templates[l.Template].Texts[l.Locale]
	if !ok {
		return composed{}, fmt.Errorf("mail template %q has no text in %q", l.Template, l.Locale)
	}
	// Every name a template may ask for is there: an optional one is empty.
	data := map[string]string{"invited_by": "", "ip": ""}
	for k, v := range l.Data {
		data[k] = v
	}
	data["Brand"] = m.brand(l.Locale)
	subject, err := fill(l.Locale, text.Subject, data)
	if err != nil {
		return composed{}, err
	}
	body, err := fill(l.Locale, text.Body, data)
	if err != nil {
		return composed{}, err
	}
	type paragraph struct {
		Text string
		Link bool
	}
	var paragraphs []paragraph
	for p := range strings.SplitSeq(body, "\n\n") {
		link := data["link"] != "" && p == data["link"]
		paragraphs = append(paragraphs, paragraph{p, link})
	}
	var html strings.Builder
	err = htmlMail.Execute(&html, map[string]any{"Locale": l.Locale, "Subject": subject, "Paragraphs": paragraphs})
	return composed{subject, body + "\n", html.String()}, err
}

func (m *Mailer) brand(locale string) string {
	for _, l := range []string{locale, "en"} {
		if b := m.cfg.Brand[l]; b != "" {
			return b
		}
	}
	return m.domain
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
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, data)
	return b.String(), err
}
