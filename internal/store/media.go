package store

import "github.com/veridesk/veridesk/internal/desk"

// Media is a picture in articles. Its bytes are in the blob store under
// media/<name>; the name is the first half of their SHA-256 in hexadecimal with
// ".png" or ".jpg".
type Media struct {
	Name      string
	Type      string // image/png or image/jpeg
	Bytes     int64
	Width     int // pixels
	Height    int // pixels
	CreatedBy desk.ID
	CreatedAt desk.Micros
}

// PutMedia stores what is known of a picture; the same picture twice is one.
func (tx *Tx) PutMedia(m Media) error {
	_, err := tx.exec(`INSERT INTO media (name, type, bytes, width, height, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (name) DO NOTHING`, m.Name, m.Type, m.Bytes, m.Width, m.Height, m.CreatedBy, tx.Now())
	return err
}

// Media returns a picture by name, or a NotFound error.
func (q Query) Media(name string) (Media, error) {
	return scanOne(q.row(`SELECT name, type, bytes, width, height, created_by, created_at FROM media WHERE name = $1`, name), scanMedia)
}

// AllMedia returns every picture, by name.
func (q Query) AllMedia() ([]Media, error) {
	return collect(q, scanMedia, `SELECT name, type, bytes, width, height, created_by, created_at FROM media ORDER BY name`)
}

func scanMedia(r scanner) (m Media, err error) {
	err = r.Scan(&m.Name, &m.Type, &m.Bytes, &m.Width, &m.Height, &m.CreatedBy, &m.CreatedAt)
	return m, err
}

// MediaPath is a picture of an imported folder by its path there, such as
// "images/en/step-1.png": what articles call it.
type MediaPath struct{ Path, Name string }

// MediaPaths returns all paths, in order.
func (q Query) MediaPaths() ([]MediaPath, error) {
	return collect(q, func(r scanner) (p MediaPath, err error) {
		err = r.Scan(&p.Path, &p.Name)
		return p, err
	}, `SELECT path, name FROM media_path ORDER BY path`)
}

// PutMediaPath says which picture a path is.
func (tx *Tx) PutMediaPath(p MediaPath) error {
	_, err := tx.exec(`INSERT INTO media_path (path, name) VALUES ($1, $2) ON CONFLICT (path) DO UPDATE SET name = excluded.name`, p.Path, p.Name)
	return err
}
