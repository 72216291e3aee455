package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"
)

// Limits of pictures. Dimensions are checked before anything is decoded: a file of a few kilobytes can announce
// gigabytes of pixels.
const (
	MaxImageBytes  = 32 << 20   // longest file that Reencode reads
	MaxImagePixels = 40_000_000 // width × height
	jpegQuality    = 88

	// decodeMemory is how many bytes all pictures that are being decoded may need together; one that needs more by
	// itself is too large.
	decodeMemory = 320 << 20
	// decodeShare is the least that one picture counts: it bounds how many are decoded at once.
	decodeShare = decodeMemory / 4
	// decodePatience ends a decoding: a JPEG of a few megabytes can ask for thousands of passes over all its pixels.
	decodePatience = 20 * time.Second
)

// What Reencode may find wrong; test with errors.Is. In every case the file may still be kept for download.
var (
	ErrNotImage      = errors.New("blob: not a picture that can be decoded")
	ErrImageTooLarge = errors.New("blob: picture is too large")
	ErrAnimated      = errors.New("blob: picture is animated")
)

// Image is a picture made anew from its pixels: no EXIF, no place, no comments, nothing appended.
type Image struct {
	Data   []byte
	MIME   string // "image/jpeg" or "image/png"
	Width  int    // pixels, after turning upright
	Height int
}

// decoding bounds the memory of all pictures that are decoded at a time.
var decoding = semaphore.NewWeighted(decodeMemory)

// Reencode reads a PNG, JPEG, GIF or WebP picture and writes it anew, so that metadata and hidden content are gone.
// JPEG and lossy WebP become JPEG, turned upright as their EXIF orientation says (it is lost with the rest); all
// others become PNG, which keeps transparency and sharp text. An animation would lose all but its first frame and is
// refused with ErrAnimated: keep it as it is, for download. It waits while others decode what fills the memory set
// aside for it; ctx ends the waiting and the decoding.
func Reencode(ctx context.Context, r io.Reader) (Image, error) {
	made, _, err := ReencodeWithPreview(ctx, r, 0)
	return made, err
}

// ReencodeWithPreview is Reencode that also makes a small JPEG of the picture, at most edge pixels wide and high and
// never larger than it; transparency becomes white. With an edge of 0 there is none.
func ReencodeWithPreview(ctx context.Context, r io.Reader, edge int) (picture, preview Image, err error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxImageBytes+1))
	if err != nil {
		return picture, preview, fmt.Errorf("blob: reading a picture: %w", err)
	}
	if len(data) > MaxImageBytes {
		return picture, preview, fmt.Errorf("%w: more than %d bytes", ErrImageTooLarge, MaxImageBytes)
	}
	codec, need, err := codecOf(data)
	if err != nil {
		return picture, preview, err
	}
	need = max(need, decodeShare)
	if err := decoding.Acquire(ctx, need); err != nil {
		return picture, preview, err
	}
	defer decoding.Release(need)
	pixels, err := codec.pixels(&hurried{ctx: ctx, r: bytes.NewReader(data), until: time.Now().Add(decodePatience)})
	if ctx.Err() != nil {
		return picture, preview, ctx.Err()
	}
	if err != nil {
		return picture, preview, fmt.Errorf("%w: %w", ErrNotImage, err)
	}
	if codec.mime == "image/jpeg" {
		pixels = upright(pixels, exifOrientation(data))
	}
	if picture, err = encode(pixels, codec.mime == "image/jpeg"); err != nil || edge <= 0 {
		return picture, preview, err
	}
	preview, err = encode(shrunk(pixels, edge), true)
	return picture, preview, err
}

// hurried is a source that fails after a while: decoders take no context, but all of them read.
type hurried struct {
	ctx   context.Context //nolint:containedctx // lives as long as one decoding
	r     *bytes.Reader
	until time.Time
}

func (h *hurried) Read(p []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	if time.Now().After(h.until) {
		return 0, errors.New("blob: decoding takes too long")
	}
	return h.r.Read(p[:min(len(p), 4096)])
}

type codec struct {
	mime   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// pixels decodes. A decoder that panics has met a file that is no picture.
func (c codec) pixels(r io.Reader) (m image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder panics: %v", p)
		}
	}()
	return c.decode(r)
}

var codecs = []codec{
	{"image/jpeg", jpeg.DecodeConfig, jpeg.Decode},
	{"image/png", png.DecodeConfig, png.Decode},
	{"image/gif", gif.DecodeConfig, gif.Decode},
	{"image/webp", webp.DecodeConfig, webp.Decode},
}

// codecOf finds the decoder by content and refuses what is too large or animated, without decoding pixels. need is
// how many bytes decoding takes at most.
func codecOf(data []byte) (c codec, need int64, err error) {
	found := typeOf(data[:min(len(data), sniffed)], "").MIME
	if found == "image/apng" {
		return codec{}, 0, ErrAnimated
	}
	for _, c := range codecs {
		if c.mime != found {
			continue
		}
		if c.mime == "image/webp" && animatedWebP(data) || c.mime == "image/gif" && gifFrames(data) > 1 {
			return codec{}, 0, ErrAnimated
		}
		config, err := c.config(bytes.NewReader(data))
		if err != nil {
			return codec{}, 0, fmt.Errorf("%w: %w", ErrNotImage, err)
		}
		if config.Width <= 0 || config.Height <= 0 {
			return codec{}, 0, fmt.Errorf("%w: %d × %d pixels", ErrNotImage, config.Width, config.Height)
		}
		if int64(config.Width)*int64(config.Height) > MaxImagePixels {
			return codec{}, 0, fmt.Errorf("%w: %d × %d pixels", ErrImageTooLarge, config.Width, config.Height)
		}
		need := decodeCost(data, c.mime, config)
		if need > decodeMemory {
			return codec{}, 0, fmt.Errorf("%w: decoding its %d × %d pixels needs %d MB", ErrImageTooLarge, config.Width, config.Height, need>>20)
		}
		return c, need, nil
	}
	return codec{}, 0, fmt.Errorf("%w: it is %s", ErrNotImage, found)
}

func encode(pixels image.Image, wasJPEG bool) (Image, error) {
	size := pixels.Bounds().Size()
	out := Image{MIME: "image/png", Width: size.X, Height: size.Y}
	var b bytes.Buffer
	var err error
	if _, lossy := pixels.(*image.YCbCr); lossy || wasJPEG {
		out.MIME = "image/jpeg"
		err = jpeg.Encode(&b, pixels, &jpeg.Options{Quality: jpegQuality})
	} else {
		err = png.Encode(&b, pixels)
	}
	if err != nil {
		return Image{}, fmt.Errorf("blob: writing a picture anew: %w", err)
	}
	out.Data = b.Bytes()
	return out, nil
}

// animatedWebP reads the flag of the extended header (RFC 9649 §2.7.1).
func animatedWebP(data []byte) bool {
	return len(data) > 20 && string(data[12:16]) == "VP8X" && data[20]&0x02 != 0
}

// upright turns a picture as its EXIF orientation (1 to 8) asks.
func upright(src image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return src
	}
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	dst := image.NewRGBA(size)
	row := image.NewRGBA(image.Rect(0, 0, w, 1)) // drawing is much faster than asking for each pixel
	for y := range h {
		draw.Draw(row, row.Bounds(), src, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		for x := range w {
			dx, dy := turned(x, y, w, h, orientation)
			to := dst.PixOffset(dx, dy)
			copy(dst.Pix[to:to+4], row.Pix[4*x:4*x+4])
		}
	}
	return dst
}

// turned gives where the pixel x, y of a w × h picture goes; orientations as in EXIF 2.32 §4.6.5, tag 274.
func turned(x, y, w, h, orientation int) (dx, dy int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}
