// Package examples holds the example graph that an empty store starts with.
//
// It was coded by hand from one news report of April 2025 about a meeting of
// the American envoy Steve Witkoff with President Putin in Moscow, and about
// the plan they spoke of: who met whom, what the plan and the counteroffer to
// it consist of, who stands where on their provisions, and who says what of
// whom. It is in the interchange form, one JSON object a line: one document,
// then the entities, then the relations with their citations. The relation
// types are those of package vocab.
//
// How it was coded:
//
//   - The text of the report is not included; it belongs to its publisher. Each
//     citation has a few words of it, verbatim, and their place in the text as
//     Unicode code points (half-open, the text in NFC with LF line ends). The
//     quotes are cut to the words that carry the fact, and relations that rest
//     on the same words share them; together they are less than half the text.
//     Where the actor or the verb stands further off in the sentence, the
//     relation or a note says it.
//   - The report does not name its publisher, nor give a date of publication.
//     Both are described, not guessed: the publisher as an unnamed news report,
//     the date as about April 2025.
//   - The report gives day and month of the meeting. The year follows from its
//     saying that the war began in 2022 and is in its fourth year. Acts without
//     any date are placed about April 2025, and what is told of no time at all
//     has no date. The first citation of a relation has a note that says so.
//     Hence the position of Mr Zelenskyy on Crimea is the dated rejection that
//     the report tells of, and not the undated acceptance that Mr Trump claims.
//   - Whatever else the words do not say by themselves is in a note: who is
//     meant by "he", what "Moscow" stands for, in which capacity somebody acts.
//   - Where somebody is quoted or paraphrased, the citation names the speaker.
//     Quotes without a speaker are the report's own voice.
//   - Contradictions stand side by side. Mr Trump says that Mr Zelenskyy
//     understands that Crimea will stay with Russia, the report says that he
//     rejects it: both are relations, each with the other's words cited as a
//     denial. That direct negotiations have been held since 2022 is there only
//     as denied.
//   - What may happen on a condition is a relation with that condition, cited
//     as conditional or possible, and not a fact.
package examples

import "embed"

// PeacePlan is the name of the example graph's file in Files.
const PeacePlan = "peace-plan.jsonl"

// Files has the example files at its root, in the interchange form of JSON
// Lines: one object a line, with exactly one key that says what the object is.
//
//go:embed *.jsonl
var Files embed.FS
