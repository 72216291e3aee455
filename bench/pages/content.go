package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const categories = 10

// writeContent writes a content folder of n articles in two languages, each of
// the length of a real one, and returns the paths of the English pages.
func writeContent(dir string, n int) ([]string, error) {
	var list strings.Builder
	for c := range categories {
		fmt.Fprintf(&list, "- slug: topic-%d\n  order: %d\n  icon: shield\n  title:\n    en: Topic %d\n    zh-CN: 主题 %d\n  description:\n    en: All about topic %d.\n    zh-CN: 关于主题 %d 的一切。\n", c, c, c, c, c, c)
	}
	files := map[string]string{"categories.yaml": list.String()}
	var paths []string
	for i := range n {
		category, slug := fmt.Sprintf("topic-%d", i%categories), fmt.Sprintf("article-%d", i)
		files["articles/en/"+category+"/"+slug+".md"] = english(i)
		files["articles/zh-CN/"+category+"/"+slug+".md"] = chinese(i)
		paths = append(paths, "/en/a/"+category+"/"+slug)
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

var (
	subjects = []string{"a withdrawal", "a deposit", "your identity check", "an API key", "a limit order", "the address book", "a recovery code"}
	events   = []string{"is still pending", "was refused", "does not appear", "has been changed", "needs another confirmation", "went to the wrong network"}
	themes   = []string{"提币", "充值", "身份认证", "API 密钥", "限价单", "地址簿", "恢复码"}
	states   = []string{"一直处理中", "被拒绝", "没有显示", "已被修改", "还需要确认", "转到了错误的网络"}
)

func english(i int) string {
	s, e := subjects[i%len(subjects)], events[i/len(subjects)%len(events)]
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: What to do when %s %s (%d)\nsummary: Steps for the case that %s %s, with what to have ready.\norder: %d\nupdated: 2026-11-01\ntags: [case-%d, help]\nscenarios: [how_to]\n---\n\n", s, e, i, s, e, i, i)
	for section := range 5 {
		fmt.Fprintf(&b, "## Part %d: when %s %s\n\n", section+1, subjects[(i+section)%len(subjects)], events[(i+section)%len(events)])
		fmt.Fprintf(&b, "Open **History** and look at case %d. Most of these are finished within %d minutes; the rest wait for a confirmation of the network or for a check that a person makes. Nobody of us will ever ask you for a password, a code or a recovery phrase.\n\n", i*7+section, 5+i%50)
		fmt.Fprintf(&b, "1. Choose the entry and read its status.\n2. Copy the TxID and look it up in a block explorer.\n3. Compare amount, network and address with what you meant.\n4. Write to us when %s %s for more than %d hours.\n\n", s, e, 1+i%12)
	}
	return b.String()
}

func chinese(i int) string {
	s, e := themes[i%len(themes)], states[i/len(themes)%len(states)]
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: %s%s怎么办（%d）\nsummary: %s%s时的处理步骤，以及需要准备的信息。\norder: %d\nupdated: 2026-11-01\ntags: [案例 %d, 帮助]\nscenarios: [how_to]\n---\n\n", s, e, i, s, e, i, i)
	for section := range 5 {
		fmt.Fprintf(&b, "## 第 %d 部分：%s%s\n\n", section+1, themes[(i+section)%len(themes)], states[(i+section)%len(states)])
		fmt.Fprintf(&b, "打开“记录”，找到第 %d 条。多数情况会在 %d 分钟内完成，其余的在等待网络确认或人工审核。任何工作人员都不会向您索要密码、验证码或助记词。\n\n", i*7+section, 5+i%50)
		fmt.Fprintf(&b, "1. 点开记录查看状态。\n2. 复制 TxID，在区块浏览器中查询。\n3. 核对金额、网络和地址。\n4. 如果%s%s超过 %d 小时，请联系我们。\n\n", s, e, 1+i%12)
	}
	return b.String()
}
