// Package wholetest tests the real binary with real servers: crashes, lost
// servers, full disks, several nodes. VERIDESK_SOAK=full runs the long forms.
package wholetest
