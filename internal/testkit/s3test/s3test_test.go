package s3test

import (
	"io"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
)

func TestObjectsSurviveARestart(t *testing.T) {
	s, c := Private(t)
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutObject(t.Context(), c.Bucket, "a/b.txt", strings.NewReader("hello"), 5, minio.PutObjectOptions{ContentType: "text/plain"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	o, err := client.GetObject(t.Context(), c.Bucket, "a/b.txt", minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	text, err := io.ReadAll(o)
	if err != nil || string(text) != "hello" {
		t.Fatalf("read back %q, %v", text, err)
	}
}

func TestAddressRoundTrip(t *testing.T) {
	c := Config{Endpoint: "127.0.0.1:9", Region: "us-east-1", AccessKey: "a", SecretKey: "b"}
	if got, err := parse(c.URL()); err != nil || got != c {
		t.Fatalf("got %+v, %v", got, err)
	}
}
