package blob

import (
	"bytes"
	"encoding/binary"
)

// exifOrientation gives the orientation (1 to 8) in the EXIF segment of a JPEG, or 1. It reads nothing else of it.
func exifOrientation(jpegData []byte) int {
	rest := jpegData
	if len(rest) < 4 || rest[0] != 0xFF || rest[1] != 0xD8 {
		return 1
	}
	for rest = rest[2:]; len(rest) >= 4 && rest[0] == 0xFF; {
		marker, length := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xFF { // fill byte
			rest = rest[1:]
			continue
		}
		if marker == 0xDA || length < 2 || len(rest) < 2+length { // pixels begin, or damage
			return 1
		}
		segment := rest[4 : 2+length]
		if marker == 0xE1 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")) {
			return tiffOrientation(segment[6:])
		}
		rest = rest[2+length:]
	}
	return 1
}

// tiffOrientation finds tag 274 in the first directory of a TIFF header (TIFF 6.0 §2).
func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for n := order.Uint16(tiff[at:]); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == 0x0112 {
			if o := order.Uint16(entries[8:]); o >= 1 && o <= 8 {
				return int(o)
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// gifFrames counts the pictures in a GIF (GIF89a §§18–24) by walking its blocks, and stops at two.
func gifFrames(data []byte) int {
	if len(data) < 13 {
		return 0
	}
	at := 13 + colourTable(data[10])
	frames := 0
	for at < len(data) && frames < 2 {
		switch data[at] {
		case 0x21: // extension: introducer, label, data blocks
			at = skipBlocks(data, at+2)
		case 0x2C: // picture: descriptor, colour table, code size, data blocks
			frames++
			if at+10 > len(data) {
				return frames
			}
			at = skipBlocks(data, at+10+colourTable(data[min(at+9, len(data)-1)])+1)
		default: // trailer, or damage
			return frames
		}
	}
	return frames
}

// colourTable gives the bytes of the colour table that a packed field announces.
func colourTable(packed byte) int {
	if packed&0x80 == 0 {
		return 0
	}
	return 3 << (packed&7 + 1)
}

func skipBlocks(data []byte, at int) int {
	for at < len(data) && data[at] != 0 {
		at += 1 + int(data[at])
	}
	return at + 1
}
