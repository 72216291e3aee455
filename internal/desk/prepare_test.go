package desk

import "testing"

// A form that asks for something must say in every language what it is and
// where to find it.
func TestEveryFieldIsExplained(t *testing.T) {
	for _, scenario := range append([]Scenario{NoScenario}, Scenarios...) {
		for _, f := range scenario.Fields() {
			for _, locale := range Locales {
				if text := f.Text(locale); text.Label == "" || text.Where == "" {
					t.Errorf("%s of %q says %+v in %s", f.Key, scenario, text, locale)
				}
			}
		}
	}
	if len(fieldTexts["en"]) != len(fieldTexts["zh-CN"]) {
		t.Error("the languages explain different fields")
	}
}
