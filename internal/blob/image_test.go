package blob

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
	"testing/iotest"
)

// corners is a picture whose left upper quarter is red and the rest blue, so that turning can be seen.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{B: 255, A: 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{R: 255, A: 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func pngOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, corners(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, corners(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, frames int) []byte {
	t.Helper()
	var g gif.GIF
	for range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 5)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const secretPlace = "GPS 31.2304N 121.4737E"

// withExif puts an EXIF segment with an orientation and a secret behind the JPEG's first marker.
func withExif(jpegData []byte, orientation uint16, order binary.AppendByteOrder) []byte {
	tiff := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	segment = append(segment, secretPlace...)
	out := append([]byte{}, jpegData[:2]...)
	out = append(out, 0xFF, 0xE1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	out = append(out, segment...)
	return append(out, jpegData[2:]...)
}

// A photo says where it was taken. A customer who sends a screenshot must not send a home address.
func TestPicturesLoseTheirMetadata(t *testing.T) {
	pngWithText := func() []byte {
		data := pngOf(t, 8, 8)
		chunk := append([]byte("tEXt"), "Comment\x00"+secretPlace...)
		var text []byte
		text = binary.BigEndian.AppendUint32(text, uint32(len(chunk)-4))
		text = append(text, chunk...)
		text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(chunk))
		return append(append(append([]byte{}, data[:33]...), text...), data[33:]...)
	}()
	webpDot, err := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
		mime string
		w, h int
	}{
		{"jpeg", withExif(jpegOf(t, 8, 8), 1, binary.LittleEndian), "image/jpeg", 8, 8},
		{"jpeg with something appended", append(jpegOf(t, 8, 8), secretPlace...), "image/jpeg", 8, 8},
		{"png", pngWithText, "image/png", 8, 8},
		{"png with something appended", append(pngOf(t, 8, 8), secretPlace...), "image/png", 8, 8},
		{"gif", gifOf(t, 1), "image/png", 8, 8},
		{"webp", webpDot, "image/jpeg", 1, 1},
	} {
		out, err := Reencode(t.Context(), bytes.NewReader(c.data))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if out.MIME != c.mime || out.Width != c.w || out.Height != c.h {
			t.Errorf("%s: %s, %d × %d", c.name, out.MIME, out.Width, out.Height)
		}
		if bytes.Contains(out.Data, []byte(secretPlace)) || bytes.Contains(out.Data, []byte("Exif")) {
			t.Errorf("%s: the metadata is still there", c.name)
		}
		if _, format, err := image.Decode(bytes.NewReader(out.Data)); err != nil || "image/"+format != c.mime {
			t.Errorf("%s: the new picture is %s, %v", c.name, format, err)
		}
	}
}

// Phones store photos lying; without the orientation the agent would read an identity card sideways.
func TestPhotosStandUpright(t *testing.T) {
	// For each orientation, the corner where the red quarter (stored at the left top) must be seen.
	wantRight := map[uint16]bool{1: false, 2: true, 3: true, 4: false, 5: false, 6: true, 7: true, 8: false}
	wantBottom := map[uint16]bool{1: false, 2: false, 3: true, 4: true, 5: false, 6: false, 7: true, 8: true}
	for o := uint16(1); o <= 8; o++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			out, err := Reencode(t.Context(), bytes.NewReader(withExif(jpegOf(t, 64, 32), o, order)))
			if err != nil {
				t.Fatal(err)
			}
			wantW, wantH := 64, 32
			if o >= 5 {
				wantW, wantH = 32, 64
			}
			if out.Width != wantW || out.Height != wantH {
				t.Errorf("orientation %d: %d × %d", o, out.Width, out.Height)
			}
			m, err := jpeg.Decode(bytes.NewReader(out.Data))
			if err != nil {
				t.Fatal(err)
			}
			x, y := wantW/4, wantH/4
			if wantRight[o] {
				x = wantW * 3 / 4
			}
			if wantBottom[o] {
				y = wantH * 3 / 4
			}
			if r, _, b, _ := m.At(x, y).RGBA(); r < 0xC000 || b > 0x4000 {
				t.Errorf("orientation %d: red is not at %d,%d", o, x, y)
			}
		}
	}
}

// pngBomb announces w × h pixels in a few bytes.
func pngBomb(t testing.TB, w, h uint32) []byte {
	data := bytes.Clone(pngOf(t, 1, 1))
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// A few kilobytes must not be able to take the memory of the server.
func TestHostilePicturesAreRefused(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"100,000 × 100,000", pngBomb(t, 100_000, 100_000), ErrImageTooLarge},
		{"one pixel too many", pngBomb(t, 40_000_001, 1), ErrImageTooLarge},
		{"no pixels", pngBomb(t, 0, 5), ErrNotImage},
		{"animated gif", gifOf(t, 3), ErrAnimated},
		{"cut", jpegOf(t, 64, 64)[:200], ErrNotImage},
		{"svg", []byte(svgText), ErrNotImage},
		{"html", []byte(htmlText), ErrNotImage},
		{"empty", nil, ErrNotImage},
		{"too long", append(pngOf(t, 1, 1), make([]byte, MaxImageBytes)...), ErrImageTooLarge},
		{"animated webp", []byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00"), ErrAnimated},
	} {
		if _, err := Reencode(t.Context(), bytes.NewReader(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := Reencode(t.Context(), iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("broken source: %v", err)
	}
}

func TestWaitingForADecoderEndsWithTheRequest(t *testing.T) {
	if err := decoding.Acquire(t.Context(), decodeMemory); err != nil {
		t.Fatal(err)
	}
	defer decoding.Release(decodeMemory)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Reencode(ctx, bytes.NewReader(pngOf(t, 1, 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("Reencode: %v, want context.Canceled", err)
	}
}

func FuzzReencode(f *testing.F) {
	f.Add(pngOf(f, 4, 4))
	f.Add(jpegOf(f, 4, 4))
	f.Add(withExif(jpegOf(f, 4, 4), 6, binary.BigEndian))
	f.Add(gifOf(f, 1))
	f.Add(gifOf(f, 2))
	f.Add(pngBomb(f, 9000, 9000))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 24 && bytes.HasPrefix(data, []byte("\x89PNG")) && binary.BigEndian.Uint32(data[16:]) > 2000 {
			t.Skip("too slow to fuzz")
		}
		gifFrames(data)
		exifOrientation(data)
		out, err := Reencode(t.Context(), bytes.NewReader(data))
		if err != nil {
			return
		}
		if _, _, err := image.Decode(bytes.NewReader(out.Data)); err != nil {
			t.Fatalf("the new picture cannot be read: %v", err)
		}
	})
}
