package backup_test

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/veridesk/veridesk/internal/backup"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// BenchmarkBackup reports rows per second and the memory that one backup of
// 50,000 messages allocates at most (it must not grow with the rows).
func BenchmarkBackup(b *testing.B) {
	s, err := store.Open(b.Context(), store.Config{URL: storetest.SQLiteURL(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	const n = 50_000
	err = s.Load(b.Context(), func(l *store.Loader) error {
		tables, err := l.Tables()
		if err != nil {
			return err
		}
		for i := range tables {
			for row := 0; tables[i].Name == "message" && row < n; row++ {
				values := make([]any, len(tables[i].Columns))
				for c, col := range tables[i].Columns {
					values[c] = int64(row)
					if col.Kind == store.Text {
						values[c] = fmt.Sprintf("提现未到账 the withdrawal has not arrived %d", row)
					}
				}
				if err := l.Insert(&tables[i], values); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	var mem runtime.MemStats
	for b.Loop() {
		if _, err := backup.Backup(b.Context(), s, io.Discard, backup.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	runtime.GC()
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(mem.HeapSys)/1e6, "heap_MB")
}
