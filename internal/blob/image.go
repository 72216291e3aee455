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

	"golang.org/x/image/webp"
)

// Limits of pictures. Dimensions are checked before anything is decoded: a file of a few kilobytes can announce
// gigabytes of pixels.
const (
	MaxImageBytes  = 32 << 20   // longest file that Reencode reads
	MaxImagePixels = 40_000_000 // width × height
	jpegQuality    = 88
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

// decoding lets only two pictures be decoded at a time: one may need 320 MB.
var decoding = make(chan struct{}, 2)

// Reencode reads a PNG, JPEG, GIF or WebP picture and writes it anew, so that metadata and hidden content are gone.
// JPEG and lossy WebP become JPEG, turned upright as their EXIF orientation says (it is lost with the rest); all
// others become PNG, which keeps transparency and sharp text. An animation would lose all but its first frame and is
// refused with ErrAnimated: keep it as it is, for download. It waits for a free place while two others decode; ctx ends
// the waiting.
func Reencode(ctx context.Context, r io.Reader) (Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxImageBytes+1))
	if err != nil {
		return Image{}, fmt.Errorf("blob: reading a picture: %w", err)
	}
	if len(data) > MaxImageBytes {
		return Image{}, fmt.Errorf("%w: more than %d bytes", ErrImageTooLarge, MaxImageBytes)
	}
	codec, err := codecOf(data)
	if err != nil {
		return Image{}, err
	}
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		return Image{}, ctx.Err()
	}
	pixels, err := codec.decode(bytes.NewReader(data))
	if err != nil {
		return Image{}, fmt.Errorf("%w: %w", ErrNotImage, err)
	}
	if codec.mime == "image/jpeg" {
		pixels = upright(pixels, exifOrientation(data))
	}
	return encode(pixels, codec.mime == "image/jpeg")
}

type codec struct {
	mime   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var codecs = []codec{
	{"image/jpeg", jpeg.DecodeConfig, jpeg.Decode},
	{"image/png", png.DecodeConfig, png.Decode},
	{"image/gif", gif.DecodeConfig, gif.Decode},
	{"image/webp", webp.DecodeConfig, webp.Decode},
}

// codecOf finds the decoder by content and refuses what is too large or animated, without decoding pixels.
func codecOf(data []byte) (codec, error) {
	found := typeOf(data[:min(len(data), sniffed)], "").MIME
	if found == "image/apng" {
		return codec{}, ErrAnimated
	}
	for _, c := range codecs {
		if c.mime != found {
			continue
		}
		if c.mime == "image/webp" && animatedWebP(data) || c.mime == "image/gif" && gifFrames(data) > 1 {
			return codec{}, ErrAnimated
		}
		config, err := c.config(bytes.NewReader(data))
		if err != nil {
			return codec{}, fmt.Errorf("%w: %w", ErrNotImage, err)
		}
		if config.Width <= 0 || config.Height <= 0 {
			return codec{}, fmt.Errorf("%w: %d × %d pixels", ErrNotImage, config.Width, config.Height)
		}
		if int64(config.Width)*int64(config.Height) > MaxImagePixels {
			return codec{}, fmt.Errorf("%w: %d × %d pixels", ErrImageTooLarge, config.Width, config.Height)
		}
		return c, nil
	}
	return codec{}, fmt.Errorf("%w: it is %s", ErrNotImage, found)
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
	flat := image.NewRGBA(image.Rect(0, 0, w, h)) // drawing is much faster than asking for each pixel
	draw.Draw(flat, flat.Bounds(), src, b.Min, draw.Src)
	size := flat.Bounds()
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	dst := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			dx, dy := turned(x, y, w, h, orientation)
			from, to := flat.PixOffset(x, y), dst.PixOffset(dx, dy)
			copy(dst.Pix[to:to+4], flat.Pix[from:from+4])
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
