// Package graph holds what is true about the actors, and its proof.
//
// # Terms
//
//   - Entity: anything that statements are about: a person, an organisation, a
//     state, an office, a place, an issue, a proposal, a provision, an event.
//   - Relation: one fact. An entity (from) stands in a relation type to another
//     (to), at some time, with some qualifiers. Its id is derived from that content, so equal content is one relation.
//   - Relation type: an entry of the vocabulary, which is data and can be extended at run time.
//   - Qualifier: a role with an entity or a text, such as the place of a meeting.
//   - Citation: where a source says so: a document, the exact words (quote) and
//     their place, who is speaking, and whether the source affirms or denies.
//   - Document: a source, with its text when that may be stored.
//   - Verdict: whether a citation affirms or denies its relation.
//   - Stance: where from stands on to, from -2 (rejects) to 2 (proposes, signs).
//   - Position: an actor's stance on a target at a time, with the relations it rests on.
//   - Status and support: what the live citations of a relation add up to.
//   - Judgement: the recorded opinion that two ids mean one entity. It changes
//     what views show and no stored relation, so it can be withdrawn.
//   - Revision: the number of a commit. Reading at a revision shows exactly what
//     was recorded up to it.
//   - View: the graph at one revision.
//
// # Invariants
//
// A relation has at least one citation. A quote stands in the stored text of
// its document, code point for code point. Nothing recorded is overwritten:
// every row is either immutable or kept in versions, so every past revision
// can be read again. DESIGN.md says how.
package graph
