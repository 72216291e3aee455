package api

import "github.com/veridesk/veridesk/internal/web"

func init() {
	web.AddMessages("en", map[string]string{
		"queue_empty":           "Nobody is waiting.",
		"not_assigned":          "Nobody has this conversation.",
		"conversation_resolved": "This conversation is resolved. Open it again first.",
		"agent_has_it":          "They have it already.",
		"hours_zone":            "There is no such time zone. Use a name such as Asia/Shanghai.",
		"hours_week":            "A week has seven days.",
		"hours_spans":           "At most eight spans a day.",
		"hours_clock":           "Write times as 09:00, at most 24:00.",
		"hours_order":           "It must end after it begins.",
		"hours_overlap":         "Two spans overlap.",
		"hours_date":            "Write dates as 2026-10-01, or --10-01 for every year.",
		"hours_date_twice":      "This date is there twice.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"queue_empty":           "目前没有人在排队。",
		"not_assigned":          "该会话尚未分配给任何人。",
		"conversation_resolved": "该会话已解决，请先重新打开。",
		"agent_has_it":          "该会话已由这位同事处理。",
		"hours_zone":            "没有这个时区，请使用 Asia/Shanghai 这样的名称。",
		"hours_week":            "一周应有七天。",
		"hours_spans":           "每天最多八个时段。",
		"hours_clock":           "时间请写成 09:00，最晚 24:00。",
		"hours_order":           "结束时间须晚于开始时间。",
		"hours_overlap":         "两个时段重叠。",
		"hours_date":            "日期请写成 2026-10-01；每年重复写成 --10-01。",
		"hours_date_twice":      "该日期重复。",
	})
}
