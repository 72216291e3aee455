// Package client talks to a running veridesk as its users' programs do: over
// HTTP and WebSocket. Tests and benchmarks share it.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
)

// Message is what tests look at in a message.
type Message struct {
	ID         string `json:"id"`
	Seq        int64  `json:"seq"`
	Prev       int64  `json:"prev"`
	ClientID   string `json:"client_id"`
	AuthorKind string `json:"author_kind"`
	Body       string `json:"body"`
}

// StatusError is an answer that is not a success.
type StatusError struct {
	Status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error returns the status and what the server said.
func (e *StatusError) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// NewID returns a client id for a message.
func NewID() string { return rand.Text()[:20] }

// Visitor is a customer's device. Base may be changed to go to another node.
type Visitor struct {
	Base         string
	HTTP         *http.Client
	Token        string
	Contact      string
	Conversation string
}

// NewVisitor begins a session.
func NewVisitor(ctx context.Context, base string) (*Visitor, error) {
	v := &Visitor{Base: base, HTTP: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2}}}
	var out struct {
		Token   string
		Contact struct{ ID string }
	}
	err := v.call(ctx, "POST", "/visitor/session", map[string]any{"locale": "en"}, &out)
	v.Token, v.Contact = out.Token, out.Contact.ID
	return v, err
}

// SignIn makes the visitor a customer by the exchange's word, and returns how many
// conversations came along. The old token is worth nothing to them afterwards.
func (v *Visitor) SignIn(ctx context.Context, jwt string) (merged int, err error) {
	var out struct {
		Token   string
		Contact struct{ ID string }
		Merged  int
	}
	if err := v.call(ctx, "POST", "/visitor/session", map[string]any{"jwt": jwt}, &out); err != nil {
		return 0, err
	}
	v.Token, v.Contact = out.Token, out.Contact.ID
	return out.Merged, nil
}

// SignOut gives the token back.
func (v *Visitor) SignOut(ctx context.Context) error {
	return v.call(ctx, "POST", "/visitor/logout", nil, nil)
}

func (v *Visitor) call(ctx context.Context, method, path string, in, out any) error {
	return call(ctx, v.HTTP, method, v.Base+"/api/v1"+path, v.Token, in, out)
}

type sent struct {
	Message      Message
	Conversation struct{ ID string }
}

// Begin writes the first message of a conversation.
func (v *Visitor) Begin(ctx context.Context, clientID, text string) (Message, error) {
	var out sent
	err := v.call(ctx, "POST", "/visitor/conversations", map[string]any{"client_id": clientID, "body": text, "locale": "en"}, &out)
	if err == nil {
		v.Conversation = out.Conversation.ID
	}
	return out.Message, err
}

// Send writes a message into the visitor's conversation.
func (v *Visitor) Send(ctx context.Context, clientID, text string) (Message, error) {
	var out sent
	err := v.call(ctx, "POST", "/visitor/conversations/"+v.Conversation+"/messages", map[string]any{"client_id": clientID, "body": text}, &out)
	return out.Message, err
}

// Messages reads the conversation from the beginning.
func (v *Visitor) Messages(ctx context.Context) ([]Message, error) {
	var all []Message
	for since := int64(0); ; {
		var page struct {
			Messages []Message
			More     bool
		}
		if err := v.call(ctx, "GET", "/visitor/conversations/"+v.Conversation+"/messages?limit=500&since="+strconv.FormatInt(since, 10), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Messages...)
		if !page.More {
			return all, nil
		}
		since = all[len(all)-1].Seq
	}
}

// Agent is a member of staff who is signed in.
type Agent struct {
	Base string
	HTTP *http.Client
}

// SignIn signs an agent in with a password.
func SignIn(ctx context.Context, base, email, password string) (*Agent, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	a := &Agent{Base: base, HTTP: &http.Client{Jar: jar}}
	return a, a.Call(ctx, "POST", "/auth/sign-in", map[string]any{"email": email, "password": password}, nil)
}

// On returns the same agent with the same cookies at another node.
func (a *Agent) On(base string) (*Agent, error) {
	from, err := url.Parse(a.Base)
	if err != nil {
		return nil, err
	}
	to, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	jar.SetCookies(to, a.HTTP.Jar.Cookies(from))
	return &Agent{Base: base, HTTP: &http.Client{Jar: jar}}, nil
}

// Call calls a route under /api/v1.
func (a *Agent) Call(ctx context.Context, method, path string, in, out any) error {
	return call(ctx, a.HTTP, method, a.Base+"/api/v1"+path, "", in, out)
}

// Reply answers in a conversation.
func (a *Agent) Reply(ctx context.Context, conversation, clientID, text string) (Message, error) {
	var out sent
	err := a.Call(ctx, "POST", "/conversations/"+conversation+"/messages", map[string]any{"client_id": clientID, "body": text, "visibility": "public"}, &out)
	return out.Message, err
}

// ContactOnline reports whether the console shows the conversation's contact as
// online.
func (a *Agent) ContactOnline(ctx context.Context, conversation string) (bool, error) {
	var out struct {
		ContactOnline bool `json:"contact_online"`
	}
	err := a.Call(ctx, "GET", "/conversations/"+conversation, nil, &out)
	return out.ContactOnline, err
}

func call(ctx context.Context, c *http.Client, method, url, token string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		e := &StatusError{Status: res.StatusCode}
		if json.Unmarshal(text, e) != nil {
			e.Message = string(text)
		}
		return e
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}
