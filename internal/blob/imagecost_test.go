package blob

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pngHeader announces w × h pixels of a bit depth and colour type, with nothing behind.
func pngHeader(t testing.TB, w, h uint32, depth, colour byte) []byte {
	t.Helper()
	data := bytes.Clone(pngOf(t, 1, 1))
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	data[24], data[25] = depth, colour
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// jpegHeader announces w × h pixels of n components, all sampled alike.
func jpegHeader(w, h uint16, marker byte, factors ...byte) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, marker}
	b = binary.BigEndian.AppendUint16(b, uint16(8+3*len(factors)))
	b = append(b, 8)
	b = binary.BigEndian.AppendUint16(b, h)
	b = binary.BigEndian.AppendUint16(b, w)
	b = append(b, byte(len(factors)))
	for i, f := range factors {
		b = append(b, byte(i+1), f, 0)
	}
	return append(b, 0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0)
}

// gifHeader announces a screen and a picture of w × h pixels.
func gifHeader(w, h uint16) []byte {
	b := []byte("GIF89a")
	b = binary.LittleEndian.AppendUint16(b, w)
	b = binary.LittleEndian.AppendUint16(b, h)
	b = append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, w)
	b = binary.LittleEndian.AppendUint16(b, h)
	return append(b, 0, 2, 1, 0, 0, 0x3B)
}

// webpHeader announces a canvas of w × h pixels and a picture of its own size within.
func webpHeader(w, h uint32, inner []byte) []byte {
	body := []byte("WEBPVP8X")
	body = binary.LittleEndian.AppendUint32(body, 10)
	body = append(body, 0, 0, 0, 0, byte(w-1), byte((w-1)>>8), byte((w-1)>>16), byte(h-1), byte((h-1)>>8), byte((h-1)>>16))
	body = append(body, inner...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// vp8l is a lossless picture that announces 16,384 × 16,384 pixels.
func vp8l() []byte {
	b := binary.LittleEndian.AppendUint32([]byte("VP8L"), 6)
	return append(b, 0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0)
}

// An attacker pays a few bytes; if the server paid gigabytes of memory or minutes of a core for them, everybody who
// waits for an answer would pay.
func TestBombsCostNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"png of 4 gigapixels", pngHeader(t, 65_535, 65_535, 8, 6), ErrImageTooLarge},
		{"png of 39 megapixels with 16 bits a channel", pngHeader(t, 6_500, 6_000, 16, 6), ErrImageTooLarge},
		{"jpeg of 4 gigapixels", jpegHeader(65_535, 65_535, 0xC0, 0x22, 0x11, 0x11), ErrImageTooLarge},
		{"progressive jpeg of 39 megapixels", jpegHeader(6_500, 6_000, 0xC2, 0x11, 0x11, 0x11), ErrImageTooLarge},
		{"gif of 4 gigapixels", gifHeader(65_535, 65_535), ErrImageTooLarge},
		{"webp canvas of a gigapixel", webpHeader(1<<15, 1<<15, nil), ErrImageTooLarge},
		{"webp of 268 megapixels on a small canvas", webpHeader(10, 10, vp8l()), ErrNotImage},
		{"webp of 268 megapixels", append(binary.LittleEndian.AppendUint32([]byte("RIFF"), 18), append([]byte("WEBP"), vp8l()...)...), ErrImageTooLarge},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, _, err := ReencodeWithPreview(t.Context(), bytes.NewReader(c.data), 640)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if took, used := time.Since(began), after.TotalAlloc-before.TotalAlloc; took > time.Second || used > 8<<20 {
			t.Errorf("%s: took %v and %d bytes", c.name, took, used)
		}
	}
}

// A photo of a good phone, and a large screenshot, must get through.
func TestUsualPicturesAreNotTooLarge(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		mime string
		w, h int
	}{
		"phone photo, 4:2:0, lying":   {withExif(jpegHeader(8000, 5000, 0xC0, 0x22, 0x11, 0x11), 6, binary.BigEndian), "image/jpeg", 8000, 5000},
		"progressive photo":           {jpegHeader(6000, 4000, 0xC2, 0x22, 0x11, 0x11), "image/jpeg", 6000, 4000},
		"screenshot of five displays": {pngHeader(t, 9600, 4320, 8, 2), "image/png", 9600, 4000},
	} {
		config := image.Config{Width: c.w, Height: c.h, ColorModel: color.RGBAModel}
		if need := decodeCost(c.data, c.mime, config); need > decodeMemory || need < int64(c.w*c.h) {
			t.Errorf("%s needs %d MB", name, need>>20)
		}
	}
}

// The estimate must never be less than what the decoder takes.
func TestDecodingStaysWithinItsEstimate(t *testing.T) {
	var progressive bytes.Buffer // Go writes no progressive JPEG; baseline, and every PNG of ours, can be checked
	if err := jpeg.Encode(&progressive, corners(2000, 1500), nil); err != nil {
		t.Fatal(err)
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 1500, 1500))
	var png16 bytes.Buffer
	if err := png.Encode(&png16, deep); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"jpeg": progressive.Bytes(), "png": pngOf(t, 2000, 1500), "png16": png16.Bytes()} {
		c, need, err := codecOf(data)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := c.decode(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if used := int64(after.TotalAlloc - before.TotalAlloc); used > need+1<<20 {
			t.Errorf("%s: estimated %d, used %d", name, need, used)
		}
	}
}

// The list of a conversation shows small pictures: a phone must not load megabytes for them.
func TestPreviewIsSmallAndClean(t *testing.T) {
	transparent := image.NewNRGBA(image.Rect(0, 0, 20, 10))
	var clear bytes.Buffer
	if err := png.Encode(&clear, transparent); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
		w, h int
	}{
		{"wide", withExif(jpegOf(t, 1600, 800), 1, binary.BigEndian), 640, 320},
		{"turned upright", withExif(jpegOf(t, 1600, 800), 6, binary.BigEndian), 320, 640},
		{"a line", pngOf(t, 5000, 2), 640, 1},
		{"small", pngOf(t, 30, 20), 30, 20},
		{"transparent", clear.Bytes(), 20, 10},
	} {
		_, preview, err := ReencodeWithPreview(t.Context(), bytes.NewReader(c.data), 640)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		m, err := jpeg.Decode(bytes.NewReader(preview.Data))
		if err != nil || preview.MIME != "image/jpeg" || m.Bounds().Dx() != c.w || m.Bounds().Dy() != c.h || preview.Width != c.w || preview.Height != c.h {
			t.Errorf("%s: %s %d × %d, %v", c.name, preview.MIME, preview.Width, preview.Height, err)
			continue
		}
		if bytes.Contains(preview.Data, []byte(secretPlace)) {
			t.Errorf("%s: the place is in the preview", c.name)
		}
		if r, g, b, _ := m.At(0, 0).RGBA(); c.name == "transparent" && r+g+b < 3*0xF000 {
			t.Errorf("what was transparent is dark: %x %x %x", r, g, b)
		}
	}
}

// A JPEG may ask for thousands of passes: each costs some bytes and the time of all pixels.
func TestEndlessDecodingIsGivenUp(t *testing.T) {
	late := &hurried{ctx: t.Context(), r: bytes.NewReader([]byte("x")), until: time.Now().Add(-time.Second)}
	if _, err := io.ReadAll(late); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("after its time: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := &hurried{ctx: ctx, r: bytes.NewReader([]byte("x")), until: time.Now().Add(time.Hour)}
	if _, err := io.ReadAll(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("when nobody waits any more: %v", err)
	}
}

// A decoder's defect must not take the node down.
func TestPanickingDecoderIsAnError(t *testing.T) {
	c := codec{decode: func(io.Reader) (image.Image, error) { panic("index out of range") }}
	if _, err := c.pixels(strings.NewReader("")); err == nil {
		t.Error("no error")
	}
}

// Polyglots are two files in one. Whatever was not the picture must be gone.
func TestPolyglotsComeOutAsPictures(t *testing.T) {
	script := "/*" + secretPlace + "*/=1;alert(document.domain)//"
	gifScript := gifOf(t, 1)
	copy(gifScript[6:8], "/*") // the width is a comment now: GIF89a/*
	for name, data := range map[string][]byte{
		"gif that is a script": append(gifScript, "*/=1;"+script...),
		"jpeg with a zip":      append(jpegOf(t, 8, 8), zipOf(t)+secretPlace...),
		"png with html":        append(pngOf(t, 8, 8), htmlText+secretPlace...),
		"jpeg with a comment":  append([]byte{0xFF, 0xD8, 0xFF, 0xFE, 0, byte(2 + len(htmlText))}, append([]byte(htmlText), jpegOf(t, 8, 8)[2:]...)...),
	} {
		picture, preview, err := ReencodeWithPreview(t.Context(), bytes.NewReader(data), 640)
		if err != nil {
			t.Logf("%s is no picture: %v", name, err) // it will only be offered for download
			continue
		}
		for _, made := range []Image{picture, preview} {
			for _, bad := range []string{secretPlace, "alert", "<script", "PK\x03\x04"} {
				if bytes.Contains(made.Data, []byte(bad)) {
					t.Errorf("%s still holds %q", name, bad)
				}
			}
		}
	}
}
