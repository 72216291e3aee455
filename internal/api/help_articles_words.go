package api

import (
	"context"

	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/web"
)

func init() {
	web.AddMessages("en", map[string]string{
		"changed_meanwhile":  "Somebody else has changed this meanwhile. Nothing of yours is lost: compare and save again.",
		"article_blocked":    "This cannot be published yet. Look at what is listed.",
		"archive_instead":    "Readers have seen this already. Archive it instead.",
		"slug_taken":         "Another one has this address already.",
		"slug_invalid":       "Small Latin letters and digits, with single hyphens between the words.",
		"publish_at_past":    "Choose a time in the future.",
		"category_not_empty": "There are articles in this category. Move them first.",
		"image_too_large":    "A picture may have up to 10 MB and 40 million pixels.",
		"image_invalid":      "This is not a picture that can be shown. PNG, JPEG, GIF (not moving) and WebP can.",

		"finding_link_unregistered": "This address is not in the registry of official contacts and references.",
		"finding_link_fake":         "This address is known to be an impostor's.",
		"finding_link_forbidden":    "A link leads to another article (../category/slug.md), a heading (#…), https: or mailto:.",
		"finding_link_missing":      "There is no such article.",
		"finding_link_unpublished":  "This article cannot be read in this language yet.",
		"finding_image_missing":     "There is no such picture.",
		"finding_image_foreign":     "Pictures from elsewhere are not shown. Paste the picture into the text.",
		"finding_image_alt":         "Say what the picture shows, for those who cannot see it.",
		"finding_html":              "HTML is not shown. Write Markdown.",
		"finding_heading":           "Headings begin at ##. The title is the page's only #.",
		"finding_empty_title":       "The title is missing.",
		"finding_empty_summary":     "The summary is missing.",
		"finding_empty_body":        "The text is empty.",
		"finding_too_long_title":    "The title is too long.",
		"finding_too_long_summary":  "The summary is too long.",
		"finding_too_long_body":     "The text is too long.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"changed_meanwhile":  "其他人刚刚修改了这里。您写的内容没有丢失，请比较后再保存。",
		"article_blocked":    "暂时不能发布，请查看列出的问题。",
		"archive_instead":    "读者已经看到过这篇内容，请改为归档。",
		"slug_taken":         "该地址已被另一项使用。",
		"slug_invalid":       "只能使用小写字母和数字，单词之间用一个连字符。",
		"publish_at_past":    "请选择将来的时间。",
		"category_not_empty": "该分类下还有文章，请先移走。",
		"image_too_large":    "图片最大 10 MB、4000 万像素。",
		"image_invalid":      "无法显示这张图片。支持 PNG、JPEG、WebP 和静态 GIF。",

		"finding_link_unregistered": "该地址不在官方联系方式和参考链接的登记中。",
		"finding_link_fake":         "该地址已知属于假冒者。",
		"finding_link_forbidden":    "链接只能指向其他文章（../category/slug.md）、本文标题（#…）、https: 或 mailto:。",
		"finding_link_missing":      "没有这篇文章。",
		"finding_link_unpublished":  "该文章在此语言下还不能阅读。",
		"finding_image_missing":     "没有这张图片。",
		"finding_image_foreign":     "不显示来自其他网站的图片，请把图片粘贴到正文中。",
		"finding_image_alt":         "请写明图片内容，供看不到图片的读者使用。",
		"finding_html":              "不显示 HTML，请使用 Markdown。",
		"finding_heading":           "正文标题从 ## 开始，页面唯一的 # 是文章标题。",
		"finding_empty_title":       "缺少标题。",
		"finding_empty_summary":     "缺少摘要。",
		"finding_empty_body":        "正文为空。",
		"finding_too_long_title":    "标题过长。",
		"finding_too_long_summary":  "摘要过长。",
		"finding_too_long_body":     "正文过长。",
	})
}

// findingText says what is wrong with a text, in the language of the request.
func findingText(ctx context.Context, f helpcenter.Finding) string {
	key := "finding_" + string(f.Kind)
	if f.Kind == helpcenter.FoundEmpty || f.Kind == helpcenter.FoundTooLong {
		key += "_" + f.Target
	}
	return web.Text(web.Locale(ctx), key)
}
