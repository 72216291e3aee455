// Package announce holds announcements and incident banners: what every customer
// should know now, in every language, for a time.
//
// Every node holds the current ones in memory and replaces them when
// store.AnnouncementsVersion changes; when one begins or ends follows from the
// store's clock, without a job.
package announce
