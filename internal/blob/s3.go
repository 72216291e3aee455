package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config names a bucket of an S3 service.
type S3Config struct {
	Endpoint  string // host:port, without scheme
	Bucket    string // must exist, unless Create
	Prefix    string // put before every key, for a shared bucket; "" or ending in "/"
	Region    string // "" means us-east-1
	AccessKey string
	SecretKey string
	Insecure  bool // plain HTTP, for a service on the same machine
	Create    bool // make the bucket when it is not there
	Retries   int  // tries of one request; 0 means 3
}

// S3 is a Store in a bucket.
type S3 struct {
	client *minio.Client
	bucket string
	prefix string
}

// partSize is how much of a content of unknown size is held in memory, in bytes; with S3's 10,000 parts such a
// content may have up to 160 GB.
const partSize = 16 << 20

// OpenS3 opens the bucket. It fails with ErrNotFound when the bucket is not there and with ErrUnreadable when the
// service cannot be reached or refuses the keys.
func OpenS3(ctx context.Context, cfg S3Config) (*S3, error) {
	if cfg.Region == "" {
		cfg.Region = "us-east-1" // otherwise the client asks the service before every first request
	}
	if cfg.Retries == 0 {
		cfg.Retries = 3
	}
	if cfg.Prefix != "" && !strings.HasSuffix(cfg.Prefix, "/") {
		return nil, fmt.Errorf("%w: prefix %q must end in /", ErrBadKey, cfg.Prefix)
	}
	client, err := minio.New(cfg.Endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure:       !cfg.Insecure,
		Region:       cfg.Region,
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   cfg.Retries,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: S3 endpoint %q: %w", ErrUnreadable, cfg.Endpoint, err)
	}
	s := &S3{client: client, bucket: cfg.Bucket, prefix: cfg.Prefix}
	exists, err := client.BucketExists(ctx, cfg.Bucket)
	if err != nil {
		return nil, s3Error("open bucket "+cfg.Bucket, err)
	}
	if !exists {
		if !cfg.Create {
			return nil, fmt.Errorf("%w: bucket %s at %s", ErrNotFound, cfg.Bucket, cfg.Endpoint)
		}
		if err := s.makeBucket(ctx, cfg.Region); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *S3) makeBucket(ctx context.Context, region string) error {
	err := s.client.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: region})
	if err == nil {
		return nil
	}
	// Another node may have made it meanwhile.
	if exists, existsErr := s.client.BucketExists(ctx, s.bucket); existsErr == nil && exists {
		return nil
	}
	return s3Error("make bucket "+s.bucket, err)
}

// Put implements Store. A content of unknown size that is longer than 1 MiB goes up in parts, of which 16 MiB are held
// in memory.
func (s *S3) Put(ctx context.Context, key string, r io.Reader, size int64) (Info, error) {
	if err := validKey(key); err != nil {
		return Info{}, err
	}
	content := measure(ctx, r, size)
	body, size, err := announced(content)
	if err != nil {
		return Info{}, err
	}
	up, err := s.client.PutObject(ctx, s.bucket, s.prefix+key, body, size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", // the type is told by who serves it, never by the store
		PartSize:    partSize,
	})
	switch {
	case content.err != nil:
		return Info{}, content.err
	case ctx.Err() != nil:
		return Info{}, ctx.Err()
	case err != nil:
		return Info{}, s3Error("store "+key, err)
	}
	modified := up.LastModified
	if modified.IsZero() {
		modified = time.Now()
	}
	return Info{Key: key, Size: content.size, Modified: modified, SHA256: content.sha256()}, nil
}

// announced reads the beginning of content. One that ends there, as most do, is sent whole with its size, and can be
// sent again when the service stumbles; a longer one is streamed.
func announced(content *measured) (body io.Reader, size int64, err error) {
	const beginning = 1 << 20
	length := int64(beginning)
	if content.want >= 0 {
		length = min(length, content.want+1)
	}
	head := make([]byte, length)
	n, err := io.ReadFull(content, head)
	switch {
	case content.err != nil:
		return nil, 0, content.err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return bytes.NewReader(head[:n]), int64(n), nil
	}
	// One byte stays back, so that the end of the source is looked for even when head is already all of it.
	last := &exactly{content: content, source: io.MultiReader(bytes.NewReader(head[n-1:]), content), left: content.want - int64(n) + 1}
	return io.MultiReader(bytes.NewReader(head[:n-1]), last), content.want, nil
}

// exactly hides the last byte of an announced content until the end of the source is certain: the client stops reading
// at the announced size, and would store a content that goes on behind it.
type exactly struct {
	content *measured
	source  io.Reader
	left    int64
}

func (e *exactly) Read(p []byte) (int, error) {
	n, err := e.source.Read(p)
	if e.content.want < 0 || err != nil || n == 0 {
		return n, err
	}
	e.left -= int64(n)
	if e.left > 0 {
		return n, nil
	}
	var more [1]byte
	for {
		extra, err := e.source.Read(more[:])
		if extra > 0 || (err != nil && !errors.Is(err, io.EOF)) {
			return 0, e.content.err
		}
		if err != nil {
			return n, io.EOF
		}
	}
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := validKey(key); err != nil {
		return nil, Info{}, err
	}
	object, err := s.client.GetObject(ctx, s.bucket, s.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, s3Error("open "+key, err)
	}
	stat, err := object.Stat()
	if err != nil {
		return nil, Info{}, errors.Join(s3Error("open "+key, err), object.Close())
	}
	return object, Info{Key: key, Size: stat.Size, Modified: stat.LastModified}, nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := validKey(key); err != nil {
		return err
	}
	err := s.client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchKey {
		return s3Error("delete "+key, err)
	}
	return nil
}

// List implements Store.
func (s *S3) List(ctx context.Context, prefix string, fn func(Info) error) error {
	ctx, stop := context.WithCancel(ctx) // ends the listing when fn fails
	defer stop()
	options := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}
	for object := range s.client.ListObjectsIter(ctx, s.bucket, options) {
		if err := object.Err; err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return s3Error("list", err)
		}
		key := strings.TrimPrefix(object.Key, s.prefix)
		if strings.HasPrefix(key, probePrefix) || validKey(key) != nil {
			continue
		}
		if err := fn(Info{Key: key, Size: object.Size, Modified: object.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Check implements Store.
func (s *S3) Check(ctx context.Context) error { return probe(ctx, s) }

// s3Error gives an error of the service its code.
func s3Error(what string, err error) error {
	response := minio.ToErrorResponse(err)
	code := ErrUnreadable
	switch {
	case response.Code == minio.NoSuchKey, response.Code == minio.NoSuchBucket, response.StatusCode == http.StatusNotFound:
		code = ErrNotFound
	case response.StatusCode == http.StatusInsufficientStorage, response.Code == "XMinioStorageFull",
		response.Code == "QuotaExceeded", response.Code == "StorageFull":
		code = ErrFull
	}
	return fmt.Errorf("%w: %s: %w", code, what, err)
}
