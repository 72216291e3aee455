// Package blob keeps files: what customers and staff attach, and what the system exports. A Store is a folder on disk
// or a bucket of an S3 service; both pass the one suite in blobtest.
//
// Foreign files are not trusted. Inspect tells by content what a file is and whether a browser may show it, Reencode
// turns a picture into a clean one without metadata, Scanner asks ClamAV.
package blob
