package fold

import (
	"testing"
	"unicode/utf8"
)

// Whoever writes traditional Chinese must find what is written in simplified Chinese, and the other way round.
func TestSimplifiedUnifiesScripts(t *testing.T) {
	for traditional, simplified := range map[string]string{
		"提現": "提现", "帳戶": "账户", "賬戶": "账户", "帐户": "账户", "驗證碼": "验证码", "聯繫客服": "联系客服", "區塊鏈": "区块链",
		"甚麼": "什么", "為什麼": "为什么", "看著": "看着", "裡面": "里面", "裏面": "里面", "轉賬": "转账", "網絡": "网络",
		"USDT 提现": "USDT 提现", "": "", "abc": "abc", "出金トラブル": "出金トラブル", "한국어": "한국어",
	} {
		if got := Simplified(traditional); got != simplified {
			t.Errorf("Simplified(%q) = %q, want %q", traditional, got, simplified)
		}
	}
}

// What is once must not change when it is once again: keys are compared with keys.
func TestSimplifiedIsStable(t *testing.T) {
	for from, to := range simplified {
		if again := SimplifiedRune(to); again != to {
			t.Errorf("%c becomes %c, which becomes %c", from, to, again)
		}
	}
	if len(simplified) < 4000 {
		t.Errorf("the table has only %d characters", len(simplified))
	}
}

func FuzzSimplified(f *testing.F) {
	for _, s := range []string{"", "提現", "a現\xff", "\xff", "𠁞龍"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Simplified(s)
		if again := Simplified(once); again != once {
			t.Fatalf("%q → %q → %q", s, once, again)
		}
		if utf8.ValidString(s) && utf8.RuneCountInString(once) != utf8.RuneCountInString(s) {
			t.Fatalf("%q has another length than %q", once, s)
		}
	})
}

func BenchmarkSimplified(b *testing.B) {
	for b.Loop() {
		Simplified("請先查看提現記錄中的狀態")
	}
}
