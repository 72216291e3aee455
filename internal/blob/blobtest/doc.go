// Package blobtest is the conformance suite that every blob.Store passes, and starts a real S3 service for tests.
package blobtest
