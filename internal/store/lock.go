package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/veridesk/veridesk/internal/desk"
)

// lockFile takes an exclusive lock that the kernel gives back when the process
// ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, desk.Wrap(desk.Unavailable, fmt.Sprintf("%s cannot be opened; check that the data folder is writable", path), err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		message := fmt.Sprintf("%s cannot be locked", path)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			message = fmt.Sprintf("another veridesk already uses this data folder (%s is locked); stop it first, or give this one its own --data", path)
		}
		return nil, errors.Join(desk.Wrap(desk.Conflict, message, err), f.Close())
	}
	return f, nil
}
