package wholetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit"
	"github.com/veridesk/veridesk/internal/testkit/client"
)

type onItsWay struct {
	ID     string
	Offset int
	Chunk  int
	State  string
}

// ask sends one request of a visitor and reads the answer.
func ask(ctx context.Context, v *client.Visitor, method, path string, header map[string]string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, v.Base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+v.Token)
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := v.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return &client.StatusError{Status: res.StatusCode, Message: string(text)}
	}
	return json.Unmarshal(text, out)
}

func announceFile(ctx context.Context, v *client.Visitor, name string, size int) (up onItsWay, err error) {
	body, err := json.Marshal(map[string]any{"client_id": client.NewID(), "name": name, "size": size})
	if err != nil {
		return up, err
	}
	return up, ask(ctx, v, "POST", "/visitor/uploads", nil, body, &up)
}

// piece sends what comes next of a file, as a device does: it asks first where to
// go on.
func piece(ctx context.Context, v *client.Visitor, id string, content []byte) (up onItsWay, err error) {
	if err := ask(ctx, v, "GET", "/visitor/uploads/"+id, nil, nil, &up); err != nil || up.State != "uploading" {
		return up, err
	}
	err = ask(ctx, v, "PATCH", "/visitor/uploads/"+id, map[string]string{
		"Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.Itoa(up.Offset),
	}, content[up.Offset:min(up.Offset+up.Chunk, len(content))], &up)
	return up, err
}

// sendFile sends the file as a message and returns its address.
func sendFile(ctx context.Context, v *client.Visitor, id string) (address string, err error) {
	var out struct {
		Message struct{ Attachments []struct{ URL string } }
	}
	body := fmt.Appendf(nil, `{"client_id":%q,"body":"","attachments":[%q]}`, client.NewID(), id)
	err = ask(ctx, v, "POST", "/visitor/conversations/"+v.Conversation+"/messages", nil, body, &out)
	if err == nil && len(out.Message.Attachments) != 1 {
		err = errors.New("the message has lost its file")
	}
	if err != nil {
		return "", err
	}
	return out.Message.Attachments[0].URL, nil
}

func fetch(ctx context.Context, base, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", base+address, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	if res.StatusCode != http.StatusOK {
		return nil, &client.StatusError{Status: res.StatusCode}
	}
	return io.ReadAll(res.Body)
}

func evidence(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b) //nolint:errcheck // never fails
	b[0] = 0
	return b
}

// A customer uploads a video of what went wrong while the server is killed again
// and again: it must arrive whole, without being begun anew.
func TestUploadSurvivesKill(t *testing.T) {
	engines(t, func(t *testing.T, options ...testkit.Option) {
		srv := testkit.StartServer(t, options...)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		v := visitor(t, srv.URL)
		content := evidence(12 << 20)
		up, err := announceFile(ctx, v, "screen.bin", len(content))
		if err != nil {
			t.Fatal(err)
		}
		most := 0
		for kills := soak(3, 10); up.State != "ready"; {
			if kills > 0 && up.Offset > most {
				kills--
				go func() { // in the middle of a piece, or between two
					time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
					if err := srv.Kill(); err != nil {
						t.Errorf("kill: %v", err)
					}
				}()
				for err == nil {
					_, err = piece(ctx, v, up.ID, content)
				}
				eventually(t, 30*time.Second, "the server is gone", func() error {
					res, err := http.Get(srv.URL + "/readyz")
					if err != nil {
						return nil //nolint:nilerr // that is what we wait for
					}
					return errors.Join(errors.New("it answers"), res.Body.Close())
				})
				if err := srv.Start(); err != nil {
					t.Fatal(err)
				}
			}
			if up, err = piece(ctx, v, up.ID, content); err != nil {
				t.Fatal(err)
			}
			if up.Offset < most {
				t.Fatalf("%d bytes were acknowledged and %d are there", most, up.Offset)
			}
			if most = up.Offset; up.State == "refused" {
				t.Fatal("refused")
			}
		}
		address, err := sendFile(ctx, v, up.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fetch(ctx, srv.URL, address); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back of %d, %v", len(got), len(content), err)
		}
	})
}

// The load balancer sends every piece to another node, and the agent is on yet
// another.
func TestFileCrossesNodes(t *testing.T) {
	one, two, _ := twoNodes(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	v := visitor(t, one.URL)
	content := evidence(3<<20 + 7)
	up, err := announceFile(ctx, v, "screen.bin", len(content))
	for i := 0; err == nil && up.State == "uploading"; i++ {
		v.Base = []string{one.URL, two.URL}[i%2]
		up, err = piece(ctx, v, up.ID, content)
	}
	if err != nil || up.State != "ready" {
		t.Fatalf("%+v, %v", up, err)
	}
	address, err := sendFile(ctx, v, up.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{one.URL, two.URL} {
		if got, err := fetch(ctx, base, address); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s gives %d bytes of %d, %v", base, len(got), len(content), err)
		}
	}
}
