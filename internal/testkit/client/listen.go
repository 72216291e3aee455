package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// Event is a live event, as far as tests look at it.
type Event struct {
	Type    string  `json:"type"`
	Message Message `json:"message"`
	Queue   *Place  `json:"queue"`
}

// Place is where a visitor stands in the queue.
type Place struct {
	State    string `json:"state"`
	Position int    `json:"position"`
}

// Listen connects the visitor to realtime. The channel is closed when the
// connection ends; closing ctx ends it.
func (v *Visitor) Listen(ctx context.Context) (<-chan Event, error) {
	return listen(ctx, v.Base, v.HTTP, v.Token)
}

// Listen connects the agent to realtime; see [Visitor.Listen].
func (a *Agent) Listen(ctx context.Context) (<-chan Event, error) {
	return listen(ctx, a.Base, a.HTTP, "")
}

// frame is a reply or a push of centrifuge's JSON protocol.
type frame struct {
	Error *struct {
		Code    int
		Message string
	}
	Connect *struct{ Client string }
	Push    struct{ Pub struct{ Data Event } }
}

func listen(ctx context.Context, base string, c *http.Client, token string) (<-chan Event, error) {
	d := websocket.Dialer{Jar: c.Jar}
	conn, _, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(base, "http")+"/realtime/websocket", http.Header{"Origin": {base}})
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	if err := conn.WriteJSON(map[string]any{"id": 1, "connect": map[string]any{"token": token}}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	connected, events := make(chan error, 2), make(chan Event, 4096)
	go func() {
		defer stop()
		defer conn.Close()
		defer close(events)
		connected <- read(conn, connected, events)
	}()
	if err := <-connected; err != nil {
		return nil, err
	}
	return events, nil
}

// read reads frames until the connection ends; the first connect reply puts nil
// into connected.
func read(conn *websocket.Conn, connected chan<- error, events chan<- Event) error {
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
			if string(lines.Bytes()) == "{}" { // a ping is answered alike
				if err := conn.WriteMessage(websocket.TextMessage, []byte("{}")); err != nil {
					return err
				}
				continue
			}
			var f frame
			if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
				return err
			}
			switch {
			case f.Error != nil:
				return errors.New(f.Error.Message)
			case f.Connect != nil:
				connected <- nil
			case f.Push.Pub.Data.Type != "":
				select {
				case events <- f.Push.Pub.Data:
				default: // nobody reads: like a browser that was closed
				}
			}
		}
	}
}
