package vocab

import "strings"

// fallbackLanguage is used where none of the wished languages is there.
const fallbackLanguage = "en"

// Label returns the predicate read from the from end, in the first of the
// wished languages (BCP 47 tags, best first) that there is: the tag itself,
// else its primary subtag ("de" for "de-AT"), then the next wish, then English,
// then the id. Case does not matter.
func (t Type) Label(lang ...string) string {
	if s := inLanguage(t.Labels, lang); s != "" {
		return s
	}
	return t.ID
}

// InverseLabel returns the predicate read from the to end, chosen like Label.
// A type that has no inverse predicate in any wished language nor in English
// gets its label with an arrow in front of it; a symmetric one its label.
func (t Type) InverseLabel(lang ...string) string {
	if s := inLanguage(t.Inverse, lang); s != "" {
		return s
	}
	if t.Symmetric {
		return t.Label(lang...)
	}
	return "← " + t.Label(lang...)
}

// inLanguage picks the text for the first wish that can be met, else the
// English one, else "".
func inLanguage(texts map[string]string, wishes []string) string {
	for _, wish := range wishes {
		if s := byTag(texts, wish); s != "" {
			return s
		}
		primary, _, _ := strings.Cut(wish, "-")
		if s := byTag(texts, primary); s != "" {
			return s
		}
	}
	return byTag(texts, fallbackLanguage)
}

// byTag looks a tag up, first as written and then whatever its case. Of several
// tags that differ in case alone it takes the first in byte order, so that the
// answer is always the same.
func byTag(texts map[string]string, tag string) string {
	if s, ok := texts[tag]; ok {
		return s
	}
	found := ""
	for t := range texts {
		if strings.EqualFold(t, tag) && (found == "" || t < found) {
			found = t
		}
	}
	return texts[found]
}
