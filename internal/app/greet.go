package app

import (
	"context"
	"fmt"
	"net"
	"strings"
)

// greet prints what an operator needs now: the addresses, the demo's sign-ins,
// and the one-time link of the first set-up.
func (a *app) greet(ctx context.Context, main, demo net.Listener) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Veridesk %s listens on %s\n\n", a.opts.Version, main.Addr())
	fmt.Fprintf(&b, "  Help center  %s/\n", a.cfg.PublicURL)
	for _, s := range a.cfg.Sites() {
		fmt.Fprintf(&b, "               %s/   (%s)\n", s.PublicURL, s.Entity)
	}
	fmt.Fprintf(&b, "  Console      %s/console\n", a.cfg.PublicURL)
	if demo != nil {
		fmt.Fprintf(&b, "  Exchange     %s   (the fictional exchange's own page, with the widget)\n", a.cfg.DemoOrigin())
		fmt.Fprintf(&b, "  Demo mail    %s/demo/mail\n\n", a.cfg.PublicURL)
		fmt.Fprintf(&b, "Sign in to the console with the password %s and one of:\n", DemoPassword)
		for _, p := range demoStaff {
			fmt.Fprintf(&b, "  %-24s %s\n", p.Email, p.Role)
		}
	}
	token, needed, err := a.staff.EnsureSetup(ctx)
	if err != nil {
		return err
	}
	if needed {
		fmt.Fprintf(&b, "\nNobody can sign in yet. Make the first administrator with this link, once:\n  %s\n", a.staff.SetupURL(token))
	}
	_, err = fmt.Fprintln(a.opts.Stdout, b.String())
	return err
}
