// Package customer knows the people who write to the desk. A visitor is
// recognised by a bearer token that is checked without asking the database; what
// a visitor says about itself (a UID, a name) stays a claim. A customer is
// somebody for whom the exchange vouches with a signed token (see [Login]); what
// they wrote before as a visitor becomes theirs.
package customer
