// Package chat tells contacts of a chat who are away that there is an answer: by
// web push to browsers that asked for it (RFC 8030, RFC 8291, RFC 8292), and by a
// signed webhook to the exchange, whose own app can then notify its customer.
//
// Neither carries a word of the answer. What is to be told lies in durable jobs;
// each attempt looks first whether the answer was read meanwhile.
package chat
