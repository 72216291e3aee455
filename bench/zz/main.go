package main

import (
	"context"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"syscall"

	"github.com/veridesk/veridesk/internal/app"
	"github.com/veridesk/veridesk/internal/config"
)

func main() {
	go http.ListenAndServe("127.0.0.1:6060", nil)
	flags := map[string]string{}
	for i := 2; i < len(os.Args); i++ {
		switch os.Args[i] {
		case "--demo":
			flags["demo"] = "true"
		case "--listen":
			flags["listen"] = os.Args[i+1]
		case "--data":
			flags["data"] = os.Args[i+1]
		}
	}
	cfg, _, err := config.Load(config.Sources{Environ: os.Environ(), Flags: flags})
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := app.Run(ctx, cfg, app.Options{Version: "dev", Stdout: os.Stdout, Stderr: os.Stderr}); err != nil {
		panic(err)
	}
}
