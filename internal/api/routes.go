package api

import (
	"net/http"
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
)

// Routes is the whole policy of the API in one table: what may be called, and
// by whom. Everything is under /api/v1.
func (a *API) Routes() []Route {
	return slices.Concat(a.visitorRoutes(), a.visitorSessionRoutes(), a.uploadRoutes(), a.conversationRoutes(), a.queueRoutes(), a.articleRoutes(), a.helpRoutes(), a.jobRoutes(), a.staffRoutes(),
		a.insightRoutes(), a.feedbackRoutes(), a.announcementRoutes(), a.officialRoutes())
}

func (a *API) staffRoutes() []Route {
	return []Route{
		route("GET", "/auth/me", SignedIn, a.me),
		route("POST", "/auth/sign-in", Entrance, a.signIn),
		route("POST", "/auth/totp", Halfway, a.secondStep),
		route("POST", "/auth/passkey/begin", Entrance, a.beginPasskeySignIn),
		route("POST", "/auth/passkey/finish", Entrance, a.finishPasskeySignIn),
		route("POST", "/auth/sign-out", Entrance, a.signOut),
		route("GET", "/auth/setup/{token}", Entrance, a.getSetup),
		route("POST", "/auth/setup/{token}", Entrance, a.finishSetup),
		route("GET", "/auth/invitation/{token}", Entrance, a.getInvitation),
		route("POST", "/auth/invitation/{token}", Entrance, a.acceptInvitation),

		route("PATCH", "/account", SignedIn, a.updateAccount),
		route("POST", "/account/password", SignedIn, a.changePassword),
		route("GET", "/account/sessions", SignedIn, a.listSessions),
		route("DELETE", "/account/sessions/{id}", SignedIn, a.revokeSession),
		route("POST", "/account/sessions/revoke-others", SignedIn, a.revokeOtherSessions),
		route("POST", "/account/totp/begin", SignedIn, a.beginTOTP),
		route("POST", "/account/totp/confirm", SignedIn, a.confirmTOTP),
		route("POST", "/account/totp/disable", SignedIn, a.disableTOTP),
		route("GET", "/account/passkeys", SignedIn, a.listPasskeys),
		route("POST", "/account/passkeys/begin", SignedIn, a.beginPasskey),
		route("POST", "/account/passkeys/finish", SignedIn, a.finishPasskey, status(http.StatusCreated)),
		route("DELETE", "/account/passkeys/{id}", SignedIn, a.removePasskey),

		route("GET", "/staff/agents", desk.ReadStaff, a.listAgents),
		route("PATCH", "/staff/agents/{id}", desk.ManageStaff, a.updateAgent),
		route("GET", "/staff/invitations", desk.ManageStaff, a.listInvitations),
		route("POST", "/staff/invitations", desk.ManageStaff, a.createInvitation, status(http.StatusCreated)),
		route("DELETE", "/staff/invitations/{id}", desk.ManageStaff, a.revokeInvitation),
		route("POST", "/staff/invitations/{id}/resend", desk.ManageStaff, a.resendInvitation),
		route("GET", "/staff/teams", desk.ReadStaff, a.listTeams),
		route("POST", "/staff/teams", desk.ManageTeams, a.createTeam, status(http.StatusCreated)),
		route("PATCH", "/staff/teams/{id}", desk.ManageTeams, a.updateTeam),
		route("GET", "/audit", desk.ReadAudit, a.listAudit),
	}
}
