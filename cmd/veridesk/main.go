// Command veridesk is the whole system in one binary; see veridesk --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// Exit codes, part of the contract of every command.
const (
	exitOK    = 0
	exitError = 1 // the message on standard error says what, where and how to mend it
	exitUsage = 2 // the command line itself was wrong
)

// commands is the command line; each command is a file of this directory.
type commands struct {
	Serve         serveCmd         `cmd:"" help:"Run the server."`
	Migrate       migrateCmd       `cmd:"" help:"Bring the database's schema to this binary's version."`
	Doctor        doctorCmd        `cmd:"" help:"Check the settings and everything that the server needs."`
	Config        configCmd        `cmd:"" help:"Print the settings in force, secrets masked, or a documented example."`
	Backup        backupCmd        `cmd:"" help:"Write the whole installation's data to one file, while it runs."`
	Restore       restoreCmd       `cmd:"" help:"Read a backup into an empty database, of either engine."`
	SetupLink     setupLinkCmd     `cmd:"" help:"Print a fresh one-time link for the first administrator."`
	ResetPassword resetPasswordCmd `cmd:"" help:"Give a member of staff a new password and switch two-step sign-in off."`
	Guard         guardCmd         `cmd:"" help:"Judge texts by the rules about secrets."`
	Articles      articlesCmd      `cmd:"" help:"Work with articles."`
	Site          siteCmd          `cmd:"" help:"Work with the Help Center's pages."`
	Openapi       openapiCmd       `cmd:"" name:"openapi" help:"Print the API's OpenAPI 3.1 document."`
	Version       versionCmd       `cmd:"" help:"Print the version."`
}

// env is what a command has from the outside.
type env struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
}

// usageError is a wrong command line that the parser could not see.
type usageError struct{ error }

// errReported is an error whose explanation has been printed already.
var errReported = errors.New("already reported")

func main() {
	os.Exit(run(&env{context.Background(), os.Stdin, os.Stdout, os.Stderr, os.Environ()}, os.Args[1:]))
}

// exited carries kong's wish to end the process out of the parser.
type exited int

func run(e *env, args []string) (code int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
		default:
			panic(r)
		}
	}()
	parser, err := kong.New(new(commands),
		kong.Name("veridesk"),
		kong.Description("A support desk for digital-asset exchanges: help center, live chat, agent console. Every command has --help."),
		kong.Writers(e.stdout, e.stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintln(e.stderr, "veridesk:", err)
		return exitError
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(e.stderr, "veridesk: %v; see veridesk --help\n", err)
		return exitUsage
	}
	err = parsed.Run(e)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errReported):
		return exitError
	case errors.As(err, new(usageError)):
		fmt.Fprintln(e.stderr, "veridesk:", err)
		return exitUsage
	default:
		fmt.Fprintln(e.stderr, "veridesk:", err)
		return exitError
	}
}
