package vocab

// Value says what a qualifier of a role holds.
type Value int

// What a qualifier may hold: an entity of the graph, a piece of text, or
// whichever of the two the source allows.
const (
	EntityOrText Value = iota
	EntityOnly
	TextOnly
)

// Role is a standard role of qualifiers. Qualifiers say more about a relation:
// where, on whose behalf, in which capacity.
type Role struct {
	ID         string // what stands in the role field of a qualifier
	Takes      Value
	Definition string
}

// Roles lists the standard roles, sorted by id. Other roles may be used as
// well; these have one meaning everywhere. It is a table: callers must not
// change it.
var Roles = []Role{
	{"about", EntityOrText, "What the act is about, where that is not the other end: the subject of a warning, a demand or a talk."},
	{"capacity", EntityOrText, "As what the from end acts: the office held at the time, or a part such as mediator or observer."},
	{"content", TextOnly, "What was said, in the words of the source or of the coder where the words are not given."},
	{"duration", TextOnly, "How long it took, as the source says it."},
	{"host", EntityOrText, "Who received the others and arranged the meeting, if that is not one of the ends."},
	{"kind", EntityOrText, "Finer sort of the act within its type, such as the sort of aid, of threat or of appointment."},
	{"mediator", EntityOrText, "Third party that stood between the two ends."},
	{"medium", EntityOrText, "By what means it was done: telephone, video, letter, a particular outlet."},
	{"on-behalf-of", EntityOnly, "For whom the from end speaks or acts. Only this role counts a person's stance for a body; membership alone never does."},
	{"order", EntityOrText, "Place in a series, such as the fourth meeting of the two."},
	{"party", EntityOrText, "A side of the dispute, talks or agreement, beside the two ends."},
	{"place", EntityOrText, "Where it happened."},
	{"process", EntityOrText, "Track of talks or series of events to which the act belongs."},
	{"recipient", EntityOrText, "To whom it was said, offered or handed, if that is not the to end."},
	{"witness", EntityOrText, "Who was present without being one of those who acted."},
}
