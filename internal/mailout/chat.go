package mailout

import (
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// chatLine is a message of a chat in a mail. The inbox writes them.
type chatLine struct {
	At    desk.Micros `json:"at"`
	By    string      `json:"by"` // contact, agent or system
	Name  string      `json:"name"`
	Body  string      `json:"body"`
	Event string      `json:"event"` // of the system: ended, resolved, reopened
	Files []string    `json:"files"`
}

// Quoted is the body with a mark before each line, so that nothing that somebody
// has written passes for ours. Addresses of web pages do not become links in it:
// anybody can have a transcript sent to anybody.
func (l chatLine) Quoted() string {
	if l.Body == "" {
		return ""
	}
	body := l.Body
	if l.By != string(desk.ByAgent) {
		body = strings.ReplaceAll(body, "://", "[:]//")
	}
	return quote(body)
}

// Attached lists the files, marked as the body is.
func (l chatLine) Attached() string { return strings.Join(l.Files, ", ") }

// quote marks every line; a blank one, too, or it would end the quotation.
func quote(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("| "+line, " ")
	}
	return strings.Join(lines, "\n")
}

var chatAnswer = Template{
	Needs: []string{"number", "link", "lines"},
	Texts: map[string]Text{
		"en": {
			"An answer from {{.Brand}} to your request {{.number}}",
			`Hello,

the support of {{.Brand}} has answered your request {{.number}}:
{{range lines .lines}}
{{.Name}}, {{clock .At}}
{{if .Body}}{{.Quoted}}
{{end}}{{if .Files}}Attached in the chat: {{.Attached}}
{{end}}{{end}}
To answer, go back to where you wrote to us:

{{.link}}

Please do not answer this mail: nobody reads what is sent there.

{{.IronRule}}

You get this mail because this address was left in a chat with us. If that was not you, ignore it.`,
		},
		"zh-CN": {
			"{{.Brand}} 客服已回复您的工单 {{.number}}",
			`您好：

{{.Brand}} 客服已回复您的工单 {{.number}}：
{{range lines .lines}}
{{.Name}}，{{clock .At}}
{{if .Body}}{{.Quoted}}
{{end}}{{if .Files}}聊天中的附件：{{.Attached}}
{{end}}{{end}}
如需回复，请回到您联系我们的页面：

{{.link}}

本邮件由系统自动发送，无人查看回信，请勿回复。

{{.IronRule}}

您收到本邮件，是因为有人在与我们的聊天中留下了这个邮箱。如非本人操作，请忽略。`,
		},
	},
}

var chatTranscript = Template{
	Needs: []string{"number", "lines"},
	Texts: map[string]Text{
		"en": {
			"Transcript of your chat {{.number}} with {{.Brand}}",
			`Hello,

somebody who chatted with the support of {{.Brand}} asked us to send the transcript of {{.number}} to this address. If that was not you, ignore this mail and do nothing that is written in it.

Lines that begin with a bar are what was said in the chat.{{if .cut}} The chat is long; this is its newest part.{{end}}
{{range lines .lines}}
{{if eq .By "agent"}}{{.Name}} ({{$.Brand}}){{else if eq .By "contact"}}Customer{{else}}Note{{end}}, {{clock .At}}
{{if eq .Event "ended"}}The customer ended the chat.
{{else if eq .Event "resolved"}}The matter was marked as settled.
{{else if eq .Event "reopened"}}The matter was opened again.
{{end}}{{if .Body}}{{.Quoted}}
{{end}}{{if .Files}}Files (not sent with this mail): {{.Attached}}
{{end}}{{end}}
End of the transcript.

{{.IronRule}}`,
		},
		"zh-CN": {
			"您与 {{.Brand}} 的聊天记录 {{.number}}",
			`您好：

有人在与 {{.Brand}} 客服聊天后，要求将工单 {{.number}} 的聊天记录发送到本邮箱。如非本人操作，请忽略本邮件，也不要按其中的内容操作。

以竖线开头的内容为聊天原文。{{if .cut}}聊天内容较长，以下为最近的部分。{{end}}
{{range lines .lines}}
{{if eq .By "agent"}}{{.Name}}（{{$.Brand}}）{{else if eq .By "contact"}}客户{{else}}提示{{end}}，{{clock .At}}
{{if eq .Event "ended"}}客户结束了聊天。
{{else if eq .Event "resolved"}}工单已标记为已解决。
{{else if eq .Event "reopened"}}工单已重新打开。
{{end}}{{if .Body}}{{.Quoted}}
{{end}}{{if .Files}}附件（不随邮件发送）：{{.Attached}}
{{end}}{{end}}
聊天记录到此结束。

{{.IronRule}}`,
		},
	},
}
