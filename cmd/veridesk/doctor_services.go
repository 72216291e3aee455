package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/redis/rueidis"
	"github.com/wneessen/go-mail"

	"github.com/veridesk/veridesk/internal/config"
)

func checkRedis(ctx context.Context, cfg config.Config) []finding {
	const name, mend = "redis", "check the address and the password, and that Redis runs"
	if cfg.Redis == "" {
		return []finding{{name, stateSkip, "not set: one node, realtime in memory", ""}}
	}
	opts, err := rueidis.ParseURL(cfg.Redis)
	if err != nil {
		// The cause may repeat the address, and with it the password.
		return []finding{{name, stateFail, "the address cannot be read", "write redis://[:password@]host:6379/0"}}
	}
	opts.DisableCache = true
	client, err := rueidis.NewClient(opts)
	if err != nil {
		return []finding{{name, stateFail, fmt.Sprintf("does not answer: %v", err), mend}}
	}
	defer client.Close()
	began := time.Now()
	if err := client.Do(ctx, client.B().Ping().Build()).Error(); err != nil {
		return []finding{{name, stateFail, fmt.Sprintf("does not answer: %v", err), mend}}
	}
	return []finding{{name, stateOK, "answered in " + time.Since(began).Round(time.Microsecond).String(), ""}}
}

func checkBlob(ctx context.Context, cfg config.Config) []finding {
	const name = "files"
	if cfg.Blob == "s3" {
		s, err := openBlobs(ctx, cfg)
		if err == nil {
			err = s.Check(ctx)
		}
		if err != nil {
			return []finding{{name, stateFail, fmt.Sprintf("bucket %s at %s: %v", cfg.S3.Bucket, cfg.S3.Endpoint, err), "check endpoint, bucket and keys, and that the keys may read, write, list and delete"}}
		}
		return []finding{{name, stateOK, fmt.Sprintf("bucket %s at %s takes and gives files", cfg.S3.Bucket, cfg.S3.Endpoint), ""}}
	}
	if _, err := os.Stat(cfg.BlobDir()); err != nil {
		if os.IsNotExist(err) {
			return []finding{{name, stateSkip, cfg.BlobDir() + " is not there yet; the first start makes it", ""}}
		}
		return []finding{{name, stateFail, err.Error(), "let the user that runs veridesk read and write the data folder"}}
	}
	d, err := openBlobs(ctx, cfg)
	if err == nil {
		err = d.Check(ctx)
	}
	if err != nil {
		return []finding{{name, stateFail, fmt.Sprintf("%s: %v", cfg.BlobDir(), err), "let the user that runs veridesk read and write the data folder"}}
	}
	return []finding{{name, stateOK, cfg.BlobDir() + " takes and gives files", ""}}
}

func checkSMTP(ctx context.Context, cfg config.Config) []finding {
	const name = "smtp"
	if cfg.SMTP.Host == "" {
		return []finding{{name, stateSkip, "not set: no mail is sent", ""}}
	}
	at := fmt.Sprintf("%s:%d", cfg.SMTP.Host, cfg.SMTP.Port)
	opts := []mail.Option{mail.WithPort(cfg.SMTP.Port), mail.WithTimeout(patience)}
	switch cfg.SMTP.TLS {
	case "tls":
		opts = append(opts, mail.WithSSL())
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if cfg.SMTP.Username != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(cfg.SMTP.Username), mail.WithPassword(cfg.SMTP.Password))
	}
	client, err := mail.NewClient(cfg.SMTP.Host, opts...)
	if err == nil {
		err = client.DialWithContext(ctx)
	}
	if err != nil {
		return []finding{{name, stateFail, fmt.Sprintf("%s: %v", at, err), "check host, port, smtp.tls and the login; port 465 wants tls, 587 starttls"}}
	}
	detail := at + " lets us in; no mail was sent"
	if err := client.Close(); err != nil {
		detail += fmt.Sprintf(" (it closed badly: %v)", err)
	}
	return []finding{{name, stateOK, detail, ""}}
}

// checkClamd speaks the daemon's PING, which it answers with PONG
// (clamd(8), COMMANDS).
func checkClamd(ctx context.Context, cfg config.Config) []finding {
	const name = "virus scan"
	if cfg.Clamd == "" {
		return []finding{{name, stateSkip, "not set: files are not scanned", ""}}
	}
	network := "tcp"
	if strings.HasPrefix(cfg.Clamd, "/") {
		network = "unix"
	}
	answer, err := func() (string, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, cfg.Clamd)
		if err != nil {
			return "", err
		}
		defer conn.Close() //nolint:errcheck // nothing was written that matters
		if deadline, ok := ctx.Deadline(); ok {
			if err := conn.SetDeadline(deadline); err != nil {
				return "", err
			}
		}
		if _, err := conn.Write([]byte("zPING\x00")); err != nil {
			return "", err
		}
		buf := make([]byte, 16)
		n, err := conn.Read(buf)
		return string(buf[:n]), err
	}()
	if err != nil || !strings.HasPrefix(answer, "PONG") {
		if err == nil {
			err = fmt.Errorf("it said %q", answer)
		}
		return []finding{{name, stateFail, fmt.Sprintf("ClamAV at %s does not answer: %v", cfg.Clamd, err), "start clamd, or empty clamd in the settings"}}
	}
	return []finding{{name, stateOK, "ClamAV answers", ""}}
}
