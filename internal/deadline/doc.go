// Package deadline knows when the desk is there: business hours in a time zone,
// with holidays, through changes to and from summer time.
//
// Hours are what a clock on the wall of the team's office shows. Where that
// clock is put back, the hour that comes twice is open twice or not at all;
// where it is put forward, the hour that never comes is simply missing.
package deadline
