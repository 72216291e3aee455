package site

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"path"
	"sync"
	"time"

	"golang.org/x/image/vector"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/web"
)

// pictures are drawn when they are first asked for: the mark in the sizes that
// phones and old browsers want, and the card that chats show for a link. They
// name no brand.
var pictures = map[string]func() []byte{
	"og.png":               sync.OnceValue(func() []byte { return encoded(card()) }),
	"icon-192.png":         sync.OnceValue(func() []byte { return encoded(tile(192)) }),
	"icon-512.png":         sync.OnceValue(func() []byte { return encoded(tile(512)) }),
	"apple-touch-icon.png": sync.OnceValue(func() []byte { return encoded(tile(180)) }),
	"favicon.ico":          sync.OnceValue(func() []byte { return ico(encoded(tile(32)), 32) }),
}

// Sizes of the card in pixels, for Open Graph.
const (
	cardWidth  = 1200
	cardHeight = 630
)

func (q *request) picture() error {
	name := path.Base(q.r.URL.Path)
	draw, ok := pictures[name]
	if !ok {
		return desk.Errorf(desk.NotFound, "no such picture")
	}
	body := draw()
	h := q.w.Header()
	h.Set("Content-Type", "image/png")
	if path.Ext(name) == ".ico" {
		h.Set("Content-Type", "image/x-icon")
	}
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // chats show the card on their own pages
	h.Set("Etag", web.Tag(body))
	http.ServeContent(q.w, q.r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

func encoded(m image.Image) []byte {
	var buf bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&buf, m); err != nil {
		panic(fmt.Sprintf("site: encode a picture: %v", err)) // writing to memory cannot fail
	}
	return buf.Bytes()
}

// ico wraps a PNG in the container of .ico files, one entry.
func ico(body []byte, size int) []byte {
	head := []byte{0, 0, 1, 0, 1, 0, byte(size), byte(size), 0, 0, 1, 0, 32, 0}
	head = binary.LittleEndian.AppendUint32(head, uint32(len(body))) //nolint:gosec // a few hundred bytes
	head = binary.LittleEndian.AppendUint32(head, 22)
	return append(head, body...)
}

var (
	blue  = color.NRGBA{0x0b, 0x5f, 0xd0, 0xff}
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	mist  = color.NRGBA{0xe6, 0xf0, 0xfd, 0xff}
	line  = color.NRGBA{0xd3, 0xdc, 0xe8, 0xff}
)

// tile is the mark on a full square: phones cut their own corners.
func tile(size int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.Draw(m, m.Bounds(), image.NewUniform(blue), image.Point{}, draw.Src)
	s := float32(size) * 0.6
	markAt(m, (float32(size)-s)/2, (float32(size)-s)/2+s*0.01, s, white, blue)
	return m
}

// card is the picture of a shared link: the mark, a search field and answers.
func card() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, cardWidth, cardHeight))
	draw.Draw(m, m.Bounds(), image.NewUniform(mist), image.Point{}, draw.Src)
	box(m, 120, 105, 960, 420, 36, white)
	markAt(m, 190, 185, 250, blue, white)
	box(m, 520, 185, 490, 78, 20, line)
	box(m, 523, 188, 484, 72, 18, white)
	ring(m, 564, 219, 14)
	for i, w := range []float32{430, 360, 400} {
		y := 310 + float32(i)*56
		box(m, 520, y, 22, 22, 11, blue)
		box(m, 562, y+3, w-42, 16, 8, line)
	}
	return m
}

// ring is a magnifying glass.
func ring(m draw.Image, x, y, r float32) {
	disc := func(radius float32, c color.Color) { box(m, x-radius, y-radius, 2*radius, 2*radius, radius, c) }
	z := vector.NewRasterizer(m.Bounds().Dx(), m.Bounds().Dy())
	z.MoveTo(x+8, y+11)
	z.LineTo(x+11, y+8)
	z.LineTo(x+23, y+20)
	z.LineTo(x+20, y+23)
	z.ClosePath()
	z.Draw(m, m.Bounds(), image.NewUniform(blue), image.Point{})
	disc(r, blue)
	disc(r-4, white)
}

// box is a rectangle with round corners.
func box(m draw.Image, x, y, w, h, r float32, c color.Color) {
	const k = 0.5523 // a quarter of a circle as a cubic curve
	z := vector.NewRasterizer(m.Bounds().Dx(), m.Bounds().Dy())
	z.MoveTo(x+r, y)
	z.LineTo(x+w-r, y)
	z.CubeTo(x+w-r+k*r, y, x+w, y+r-k*r, x+w, y+r)
	z.LineTo(x+w, y+h-r)
	z.CubeTo(x+w, y+h-r+k*r, x+w-r+k*r, y+h, x+w-r, y+h)
	z.LineTo(x+r, y+h)
	z.CubeTo(x+r-k*r, y+h, x, y+h-r+k*r, x, y+h-r)
	z.LineTo(x, y+r)
	z.CubeTo(x, y+r-k*r, x+r-k*r, y, x+r, y)
	z.ClosePath()
	z.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{})
}

// markAt draws the mark (see markPaths) into a square of the given size.
func markAt(m draw.Image, x, y, size float32, bubble, tick color.Color) {
	s := size / 32
	at := func(px, py float32) (float32, float32) { return x + px*s, y + py*s }
	z := vector.NewRasterizer(m.Bounds().Dx(), m.Bounds().Dy())
	curve := func(ax, ay, bx, by, cx, cy float32) {
		x1, y1 := at(ax, ay)
		x2, y2 := at(bx, by)
		x3, y3 := at(cx, cy)
		z.CubeTo(x1, y1, x2, y2, x3, y3)
	}
	z.MoveTo(at(16, 3))
	curve(8.8, 3, 3, 8.1, 3, 14.4)
	curve(3, 17.8, 4.7, 20.8, 7.4, 22.9)
	z.LineTo(at(6.6, 28.5))
	z.LineTo(at(12.6, 25.6))
	curve(13.7, 25.8, 14.8, 26, 16, 26)
	curve(23.2, 26, 29, 20.9, 29, 14.4)
	curve(29, 7.9, 23.2, 3, 16, 3)
	z.ClosePath()
	z.Draw(m, m.Bounds(), image.NewUniform(bubble), image.Point{})
	z.Reset(m.Bounds().Dx(), m.Bounds().Dy())
	for i, p := range [][2]float32{{9.5, 15.8}, {11.5, 13.8}, {14.4, 16.7}, {20.7, 9.9}, {22.7, 11.9}, {14.4, 20.7}} {
		px, py := at(p[0], p[1])
		if i == 0 {
			z.MoveTo(px, py)
		} else {
			z.LineTo(px, py)
		}
	}
	z.ClosePath()
	z.Draw(m, m.Bounds(), image.NewUniform(tick), image.Point{})
}
