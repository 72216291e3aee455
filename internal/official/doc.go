// Package official is the registry of contacts: which domains, addresses,
// handles and numbers are the operator's own, which belong to others that staff
// may point to (references), and which are known fakes.
//
// Every node holds the registry in memory and replaces it when
// store.OfficialVersion changes. What is not plainly in the registry is unknown,
// and unknown is to be treated as unsafe.
package official
