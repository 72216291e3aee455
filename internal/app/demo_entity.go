package app

import (
	"context"
	"fmt"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
)

// entityArticle is what the demo's second legal entity says otherwise: its
// customers have other deadlines. Everything else they read is for all.
const (
	entityArticle  = "deadlines"
	entityCategory = "appeals"
)

var entityTexts = map[string]helpcenter.TextInput{
	"en": {
		Title:   "Which deadlines bind Meridian EU?",
		Summary: "The times in which Meridian Europe must acknowledge and decide your complaint, and what happens when it is late.",
		Tags:    []string{"deadline", "complaint", "appeal", "Europe", "MiCA"},
		Body: `These are the deadlines for customers of **Meridian Europe**. Which company you belong to stands at the foot of your account statement.

| Stage | Deadline |
|---|---|
| We confirm your complaint and say whether it is admissible | without undue delay, at the latest on the next business day |
| We decide and answer every point | two months after receipt |
| We need longer | before the two months end, with the reason and the new date |

## What the confirmation says

It names the person to write to, the day on which we received the complaint and the day by which we decide, and holds a copy of what you wrote.

## What it costs

Nothing. You need no form and no lawyer, and you may write in any official language of the Union in which we offer our services.

## If you do not agree

Our letter names the authority and the ombudsman you can turn to. You can also go to court at any time.

> Nobody can decide your complaint faster for money. Whoever offers that is not us.
`,
	},
	"zh-CN": {
		Title:   "子午欧洲的处理期限有哪些？",
		Summary: "子午欧洲确认和决定投诉的期限，以及逾期时会怎样。",
		Tags:    []string{"期限", "投诉", "申诉", "欧洲", "MiCA"},
		Body: `以下期限适用于**子午欧洲**的客户。您属于哪家公司，写在账户对账单的页脚。

| 阶段 | 期限 |
|---|---|
| 确认收到投诉，并说明是否受理 | 立即办理，最迟在下一个工作日 |
| 作出决定，逐点答复 | 收到后两个月内 |
| 需要更长时间 | 在两个月届满前说明理由和新的日期 |

## 确认函里有什么

联系人、我们收到投诉的日期、作出决定的期限，并附上您的投诉原文。

## 需要付费吗

不需要。无须填表，无须聘请律师；凡是我们提供服务的欧盟官方语言，您都可以使用。

## 如果不同意结果

决定书里会写明可以求助的监管机构和申诉专员。您也可以随时向法院起诉。

> 没有人能收钱加快处理。说能办到的，都不是我们。
`,
	},
}

// seedEntity adds the demo's second legal entity and its own article.
func (a *app) seedEntity(ctx context.Context) error {
	if err := a.store.Write(ctx, func(tx *store.Tx) error {
		return tx.PutEntity(store.Entity{Code: config.DemoEntity, Name: "Meridian Europe Ltd. (fictional)"})
	}); err != nil {
		return err
	}
	categories, err := a.store.Read(ctx).Categories()
	if err != nil {
		return err
	}
	var category desk.ID
	for _, c := range categories {
		if c.Slug == entityCategory {
			category = c.ID
		}
	}
	if category == 0 {
		return nil // the operator's own content has no such category
	}
	by := helpcenter.Editor{Actor: store.Actor{Kind: desk.BySystem}, MayPublish: true}
	article, err := a.help.CreateArticle(ctx, by, helpcenter.NewArticle{
		CategoryID: category, Slug: entityArticle, Entity: config.DemoEntity, Locale: "en", Title: entityTexts["en"].Title,
	})
	if desk.CodeOf(err) == desk.Conflict {
		return nil // it came with the content
	}
	if err != nil {
		return fmt.Errorf("the article of %s: %w", config.DemoEntity, err)
	}
	for _, locale := range desk.Locales {
		in := entityTexts[locale]
		in.Revision = article.Texts[locale].Revision
		text, err := a.help.SaveText(ctx, by, article.ID, locale, in)
		if err == nil {
			_, err = a.help.SetStage(ctx, by, article.ID, locale, helpcenter.StageInput{Revision: text.Revision, Stage: store.Published})
		}
		if err != nil {
			return fmt.Errorf("the article of %s in %s: %w", config.DemoEntity, locale, err)
		}
	}
	return nil
}
