// Package customer knows the people who write to the desk. A visitor is
// recognised by a bearer token that is checked without asking the database; what
// a visitor says about itself (a UID, a name) stays a claim.
package customer
