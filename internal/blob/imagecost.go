package blob

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// decodeCost estimates from above how many bytes a decoder takes for the pixels that a file announces, with turning
// a photo upright.
func decodeCost(data []byte, mime string, config image.Config) int64 {
	pixels := int64(config.Width) * int64(config.Height)
	switch mime {
	case "image/jpeg":
		sixteenths, progressive := jpegSamples(data)
		cost := pixels * sixteenths / 16
		if progressive { // coefficients of four bytes are kept beside the samples
			cost *= 5
		}
		if bytes.Contains(data[:min(len(data), 64<<10)], []byte("Adobe")) { // it may hold CMYK or RGB, which is turned into another picture
			cost += 4 * pixels
		}
		if exifOrientation(data) > 1 {
			cost += 4 * pixels
		}
		return cost
	case "image/png":
		return pixels * pngPixel(config.ColorModel) * 3 / 2 // an interlaced picture has a pass beside the whole
	case "image/webp":
		return pixels * 8
	}
	return pixels
}

// pngPixel is how many bytes a decoded pixel takes.
func pngPixel(model color.Model) int64 {
	switch model {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.RGBAModel, color.NRGBAModel:
		return 4
	case color.Gray16Model:
		return 2
	}
	return 1
}

// jpegSamples reads from the frame header (ITU-T T.81 §B.2.2) how many samples a pixel has, in sixteenths, and
// whether the picture comes in passes. What cannot be read counts as the worst.
func jpegSamples(data []byte) (sixteenths int64, progressive bool) {
	const worst = 4 * 16
	for rest := data[min(2, len(data)):]; len(rest) >= 4 && rest[0] == 0xFF; {
		marker, length := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xFF { // fill byte
			rest = rest[1:]
			continue
		}
		if length < 2 || len(rest) < 2+length {
			return worst, true
		}
		if marker < 0xC0 || marker > 0xC2 {
			rest = rest[2+length:]
			continue
		}
		frame := rest[4 : 2+length] // precision, height, width, number of components, three bytes for each
		if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) {
			return worst, true
		}
		var sum, widest, highest int64
		for i := range int(frame[5]) {
			factors := frame[6+3*i+1]
			h, v := int64(factors>>4), int64(factors&15)
			sum, widest, highest = sum+h*v, max(widest, h), max(highest, v)
		}
		if sum == 0 || widest == 0 || highest == 0 {
			return worst, true
		}
		return (16*sum + widest*highest - 1) / (widest * highest), marker == 0xC2
	}
	return worst, true
}

// shrunk returns a picture of at most edge pixels wide and high, on white. One that is small enough keeps its size.
func shrunk(src image.Image, edge int) image.Image {
	size := src.Bounds().Size()
	if longest := max(size.X, size.Y); longest > edge {
		size = image.Pt(max(size.X*edge/longest, 1), max(size.Y*edge/longest, 1))
	}
	dst := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(dst, dst.Bounds(), image.White, image.Point{}, draw.Src)
	draw.BiLinear.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	return dst
}
