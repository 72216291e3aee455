package helpcenter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// MaxPictureBytes is the longest picture that an editor may add.
const MaxPictureBytes = 10 << 20

// pictureForm is the name of a stored picture.
var pictureForm = regexp.MustCompile(`^[0-9a-f]{32}\.(png|jpg)$`)

// pictureName is the name of the stored picture that an image's destination
// names, or "".
func pictureName(dest string) string {
	if name, ok := strings.CutPrefix(dest, "/media/"); ok && pictureForm.MatchString(name) {
		return name
	}
	return ""
}

// picturePath is the path in the content folder that an image's destination
// names, seen from an article's file, or "". It is below images/.
func picturePath(dest string) string {
	if strings.ContainsAny(dest, ":\\?#\x00") || strings.HasPrefix(dest, "/") {
		return ""
	}
	clean := path.Join("articles/locale/category", dest)
	if !strings.HasPrefix(clean, "images/") {
		return ""
	}
	return clean
}

// blobKey is where the bytes of a picture are.
func blobKey(name string) string { return "media/" + name }

// OpenMedia opens a picture by its name. NotFound: there is none.
func (c *Center) OpenMedia(ctx context.Context, name string) (io.ReadSeekCloser, store.Media, error) {
	m, ok := c.shelves.Load().pictures[name]
	if !ok {
		// It may have come with an article that nobody has published yet.
		var err error
		if !pictureForm.MatchString(name) {
			return nil, m, desk.Errorf(desk.NotFound, "not_found")
		}
		if m, err = c.cfg.Store.Read(ctx).Media(name); err != nil {
			return nil, m, err
		}
	}
	if c.cfg.Blobs == nil {
		return nil, m, desk.Errorf(desk.NotFound, "not_found")
	}
	r, _, err := c.cfg.Blobs.Open(ctx, blobKey(name))
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return nil, m, desk.Wrap(desk.NotFound, "not_found", err)
	case err != nil:
		return nil, m, desk.Wrap(desk.Unavailable, "the file cannot be read just now", err)
	}
	return r, m, nil
}

// AddPicture stores a picture that an editor adds: made anew from its pixels, so
// that nothing of the camera or the place is in it. Invalid: it is no picture, or
// animated; TooLarge: too many bytes or pixels.
func (c *Center) AddPicture(ctx context.Context, by store.Actor, r io.Reader) (store.Media, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxPictureBytes+1))
	if err != nil {
		return store.Media{}, err
	}
	if len(data) > MaxPictureBytes {
		return store.Media{}, desk.Errorf(desk.TooLarge, "image_too_large")
	}
	made, err := blob.Reencode(ctx, bytes.NewReader(data))
	if err != nil {
		return store.Media{}, pictureError(err)
	}
	p := pictureOf(made.Data, made.MIME, made.Width, made.Height)
	p.CreatedBy = by.ID
	if err := c.keep(ctx, p); err != nil {
		return store.Media{}, err
	}
	// Readers meet it with the first text that shows it; the nodes read both then.
	return p.Media, c.cfg.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutMedia(p.Media) })
}

func pictureError(err error) error {
	switch {
	case errors.Is(err, blob.ErrImageTooLarge):
		return desk.Wrap(desk.TooLarge, "image_too_large", err)
	case errors.Is(err, blob.ErrAnimated), errors.Is(err, blob.ErrNotImage):
		return desk.Wrap(desk.Invalid, "image_invalid", err)
	}
	return err
}

// picture is a picture with its bytes.
type picture struct {
	store.Media
	data []byte
}

func pictureOf(data []byte, mime string, width, height int) picture {
	sum := sha256.Sum256(data)
	ext := ".png"
	if mime == "image/jpeg" {
		ext = ".jpg"
	}
	return picture{store.Media{Name: hex.EncodeToString(sum[:16]) + ext, Type: mime, Bytes: int64(len(data)), Width: width, Height: height}, data}
}

// keep puts a picture's bytes where they are served from. It does not show it.
func (c *Center) keep(ctx context.Context, p picture) error {
	if c.cfg.Blobs == nil {
		return desk.Errorf(desk.Unavailable, "pictures cannot be stored: there is no file store")
	}
	if _, err := c.cfg.Blobs.Put(ctx, blobKey(p.Name), bytes.NewReader(p.data), int64(len(p.data))); err != nil {
		return desk.Wrap(desk.Unavailable, "the picture cannot be stored just now", err)
	}
	return nil
}

// readPicture checks a picture of a content folder. A PNG or JPEG that holds
// nothing but pixels is kept byte for byte; anything else is made anew.
func readPicture(ctx context.Context, data []byte) (picture, error) {
	if len(data) > MaxPictureBytes {
		return picture{}, blob.ErrImageTooLarge
	}
	if mime := onlyPixels(data); mime != "" {
		config, decode := png.DecodeConfig, png.Decode
		if mime == "image/jpeg" {
			config, decode = jpeg.DecodeConfig, jpeg.Decode
		}
		return checkPicture(data, mime, config, decode)
	}
	made, err := blob.Reencode(ctx, bytes.NewReader(data))
	if err != nil {
		return picture{}, err
	}
	return pictureOf(made.Data, made.MIME, made.Width, made.Height), nil
}

func checkPicture(data []byte, mime string, config func(io.Reader) (image.Config, error), decode func(io.Reader) (image.Image, error)) (picture, error) {
	// The size before the pixels: a few bytes can announce gigabytes.
	size, err := config(bytes.NewReader(data))
	switch {
	case err != nil:
		return picture{}, fmt.Errorf("%w: %w", blob.ErrNotImage, err)
	case size.Width <= 0 || size.Height <= 0:
		return picture{}, blob.ErrNotImage
	case int64(size.Width)*int64(size.Height) > blob.MaxImagePixels:
		return picture{}, fmt.Errorf("%w: %d × %d pixels", blob.ErrImageTooLarge, size.Width, size.Height)
	}
	if _, err := decode(bytes.NewReader(data)); err != nil {
		return picture{}, fmt.Errorf("%w: %w", blob.ErrNotImage, err)
	}
	return pictureOf(data, mime, size.Width, size.Height), nil
}

// onlyPixels returns the type of a PNG or JPEG without metadata, comments or
// anything appended; "" for everything else.
func onlyPixels(data []byte) string {
	switch {
	case purePNG(data):
		return "image/png"
	case pureJPEG(data):
		return "image/jpeg"
	}
	return ""
}

// pixelChunks are the chunks that say how pixels look (PNG 3rd edition §11);
// text, time, EXIF and private ones are not among them.
var pixelChunks = []string{"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "pHYs"}

func purePNG(data []byte) bool {
	rest, ok := bytes.CutPrefix(data, []byte("\x89PNG\r\n\x1a\n"))
	for ok && len(rest) >= 12 {
		n := int64(binary.BigEndian.Uint32(rest))
		kind := string(rest[4:8])
		if n+12 > int64(len(rest)) || !slices.Contains(pixelChunks, kind) || crc32.ChecksumIEEE(rest[4:8+n]) != binary.BigEndian.Uint32(rest[8+n:]) {
			return false
		}
		rest = rest[12+n:]
		if kind == "IEND" {
			return n == 0 && len(rest) == 0
		}
	}
	return false
}

// pureJPEG walks the segments up to the pixels (ITU-T T.81 §B.1): JFIF and Adobe
// headers say how pixels look, other APPn and comments do not.
func pureJPEG(data []byte) bool {
	if len(data) < 4 || data[0] != 0xFF || data[1] != 0xD8 {
		return false
	}
	for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xFF; {
		marker, n := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if n < 2 || len(rest) < 2+n {
			return false
		}
		segment := rest[4 : 2+n]
		switch {
		case marker == 0xDA:
			return scansToTheEnd(rest[2+n:])
		case marker == 0xE0 && bytes.HasPrefix(segment, []byte("JFIF\x00")) && len(segment) == 14,
			marker == 0xEE && bytes.HasPrefix(segment, []byte("Adobe")) && len(segment) == 12,
			marker >= 0xC0 && marker <= 0xCF, marker == 0xDB, marker == 0xDD:
			rest = rest[2+n:]
		default:
			return false
		}
	}
	return false
}

// scansToTheEnd reports whether what follows the first scan's header is scans
// and tables up to the end of the file, with nothing appended.
func scansToTheEnd(rest []byte) bool {
	for {
		at := bytes.IndexByte(rest, 0xFF)
		if at < 0 || at+1 >= len(rest) {
			return false
		}
		marker := rest[at+1]
		rest = rest[at+2:]
		switch {
		case marker == 0xD9:
			return len(rest) == 0
		case marker == 0, marker >= 0xD0 && marker <= 0xD7: // a byte of data; restart
		case marker == 0xDA, marker == 0xC4, marker == 0xDB, marker == 0xDD:
			if len(rest) < 2 || len(rest) < int(binary.BigEndian.Uint16(rest)) {
				return false
			}
			rest = rest[binary.BigEndian.Uint16(rest):]
		default:
			return false
		}
	}
}
