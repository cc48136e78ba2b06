// Package network computes discourse networks from statements of stances. It knows no store: statements come in, nodes and ties go out.
//
// The definitions are Philip Leifeld's, of discourse network analysis ("Reconceptualizing Major Policy Change in the Advocacy
// Coalition Framework: A Discourse Network Analysis of German Pension Politics", Policy Studies Journal 41, 2013; and the manual
// of his Discourse Network Analyzer). x(i,j,k) is how many statements of stance k actor i makes on target j, after a
// [DuplicateRule]. Stances are whole numbers from -2 to 2, and R = 4 is the declared width of that scale, whatever part of it is used.
//
// A tie between the actors i and i' weighs, before it is normalized,
//
//	congruence  c = sum over j, k, k' of x(i,j,k) x(i',j,k') (1 - |k-k'|/R)
//	conflict    d = sum over j, k, k' of x(i,j,k) x(i',j,k') |k-k'|/R
//	subtract    c - d
//	ignore      c + d = sum over j of x(i,j,.) x(i',j,.)
//
// where a dot stands for the sum over an index. Between targets the roles are swapped. Between an actor and a target each statement
// is compared with full support, the stance 2: it adds (k+2)/R to congruence and (2-k)/R to conflict, hence k/2
// to subtract and 1 to ignore.
//
// With n(i) = x(i,.,.) a weight is divided by
//
//	average  (n(i) + n(i')) / 2
//	jaccard  sum over j and k of: x(i,j,k) x(i',j,k) where both are positive, x(i,j,k) + x(i',j,k) where one of them is 0
//	cosine   sqrt(sum over j, k of x(i,j,k)²) sqrt(sum over j, k of x(i',j,k)²)
//
// Jaccard is the manual's. It stays within 1 for congruence as long as nothing but equal stances meet, and may exceed 1 otherwise. Cosine
// is the cosine of two vectors, unlike the Analyzer's measure of that name, which divides by n(i) n(i'). Between an actor and a
// target, which are compared as the two sets of statements they take part in, average is the mean size
// of the sets, jaccard the size of their union, and cosine the square root of the product of their sizes.
package network
