package terms

import (
	"strings"
	"unicode/utf8"
)

// Words and characters that a question is made of, whatever it asks. They count little, but they count: a query of
// nothing else finds what it says.
var (
	stopWords = wordSet(`a an the is are was were be been being am do does did doing done have has had having i me my
		mine you your yours he him his she her it its we us our they them their this that these those there here what
		which who whom whose when where why how and or but if then so as of at by for with about into to from in on can
		could will would should may might must shall not no nor too very just also only than please help need want get
		got im ive id ill dont doesnt didnt cant isnt arent wont whats hows wheres theres thats any some all tell know
		hi hello thanks`)
	stopCharacters = characterSet("的了吗呢吧啊么呀嘛哦是在和与或及也都就还又我你您他她它们这那哪个有没不会能可以要想请问怎如何什为啥样办被把给让对从到")
)

// stops says whether t is one of them.
func (t token) stops() bool {
	if t.cjk {
		r, _ := utf8.DecodeRuneInString(t.key)
		return stopCharacters[r]
	}
	return stopWords[t.key]
}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

func characterSet(s string) map[rune]bool {
	set := map[rune]bool{}
	for _, r := range s {
		set[r] = true
	}
	return set
}
