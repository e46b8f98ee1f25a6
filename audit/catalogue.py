"""Every event that may be audited: its sentence, its s.62 operation and what an entry must say.

`{actor}`, `{subject}` and keys of the entry's details may stand in a sentence. An event that is
not listed here cannot be recorded: `audit.actions.record` refuses it.
Operations: DPA 2018 s.62(1): collection, alteration, consultation, disclosure, combination,
erasure; an empty one is the platform's own business and no processing of personal data.
A restricted event is read by professional standards alone: `audit.queries.in_sight` leaves it out
for everybody else (docs/decisions/0013-conduct.md).
Every entry says when and who (s.62(2)(b), (3)(b)); a disclosure outside the force also to whom (s.62(3)(c)).
"""

from __future__ import annotations

from dataclasses import dataclass

OPERATIONS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")


@dataclass(frozen=True)
class Event:
    """What an entry of this kind means to someone who reads the trail."""

    sentence: str
    operation: str = ""
    restricted: bool = False
    says: tuple[str, ...] = ()
    """Keys of its details without which it cannot be recorded, such as `to` for whom something was given."""
    former: bool = False
    """Written by an earlier release and by none since: its entries are still read."""


EVENTS: dict[str, Event] = {
    # People and access
    "staff.signed_in": Event("{actor} signed in"),
    "staff.sign_in_refused": Event("A sign-in was refused"),
    "staff.second_factor_refused": Event("A second factor of {actor} was refused"),
    "staff.step_up_proved": Event("{actor} proved their second factor again"),
    "staff.step_up_refused": Event("{actor} was asked for the second factor again and it was refused"),
    "staff.second_factor_enrolled": Event("{actor} set up an authenticator app"),
    "staff.passkey_enrolled": Event("{actor} set up the passkey “{name}”"),
    "staff.passkey_refused": Event("A new passkey of {actor} was refused"),
    "staff.passkey_renamed": Event("{actor} named a passkey “{name}”"),
    "staff.passkey_removed": Event("{actor} removed the passkey “{name}”"),
    "staff.app_removed": Event("{actor} removed their authenticator app"),
    "staff.recovery_codes_made": Event("{actor} made new recovery codes"),
    "staff.signed_out": Event("{actor} signed out"),
    "staff.password_chosen": Event("{actor} chose a new password"),
    "staff.profile_changed": Event("{actor} changed their own profile"),
    "staff.sessions_ended": Event("{actor} signed out everywhere"),
    "staff.session_ended": Event("{actor} ended a session of {subject}"),
    "staff.new_device": Event("{actor} signed in on a device that was new to them"),
    "staff.screen_locked": Event("{actor} locked their screen"),
    "staff.device_refused": Event("{subject} was refused at the sign-in for their device or address"),
    "staff.allowance_given": Event("{actor} gave an allowance: {subject}", "alteration"),
    "staff.allowance_ended": Event("{actor} ended an allowance: {subject}", "alteration"),
    "staff.link_sent": Event("{actor} sent {subject} a link to set up their sign-in"),
    "staff.sign_in_renewed": Event("{actor} renewed the sign-in of {subject}", "alteration"),
    "staff.recovery_asked": Event("{actor} asked to renew the sign-in of {subject}"),
    "staff.recovery_refused": Event("{actor} refused to renew the sign-in of {subject}"),
    "staff.recovery_ran_out": Event("Nobody agreed in time to renew the sign-in of {subject}"),
    "staff.email_changed": Event("{actor} changed the e-mail address of {subject}", "alteration"),
    "staff.reset_asked": Event("A new password for {subject} was asked for"),
    "staff.letter_sent": Event("A letter about their sign-in went to {subject}"),
    "staff.letter_failed": Event("A letter about their sign-in could not be sent to {subject}"),
    "staff.member_added": Event("{actor} added the staff member {subject}", "collection"),
    "staff.member_left": Event("{actor} recorded that {subject} has left", "alteration"),
    "staff.leaving_announced": Event("{actor} recorded that {subject} leaves on {leaves_at}", "alteration"),
    "staff.leaving_called_off": Event(
        "{actor} recorded that {subject} does not leave after all", "alteration"
    ),
    "staff.access_after_notice": Event("{actor} used the platform after it was announced that they leave"),
    "departure.checklist_made": Event("A checklist of {count} steps by hand was made for {subject}"),
    "departure.step_signed": Event("{actor} signed a step by hand after {subject} left: {what}"),
    "staff.work_handed_over": Event("{subject} went from {leaver} to {heir}", "alteration"),
    "staff.sign_on_bound": Event("{subject} signs on with an identity of the force from now on"),
    "staff.sign_on_released": Event("{actor} released the identity with which {subject} signed on"),
    "staff.sign_on_refused": Event("A single sign-on was refused: {why}"),
    "staff.signed_out_by_provider": Event("The force's sign-on signed {subject} out"),
    "staff.member_returned": Event("{actor} brought {subject} back", "alteration"),
    "staff.details_changed": Event("{actor} changed the details of {subject}", "alteration"),
    "staff.list_read": Event("{actor} read a list of staff with {rows} rows"),
    "staff.list_applied": Event(
        "{actor} applied a list of staff: {join} joined, {change} changed, {leave} left", "alteration"
    ),
    "staff.lists_emptied": Event("{actor} emptied {count} lists of staff that nobody applied", "erasure"),
    "directory.key_made": Event("{actor} made the directory key {subject}"),
    "directory.key_renewed": Event("{actor} renewed the directory key {subject}"),
    "directory.key_revoked": Event("{actor} revoked the directory key {subject}"),
    "directory.key_refused": Event("A directory key was refused"),
    "access.refused": Event(
        "{actor} was refused at {route}: {power} ({times}×)", says=("route", "power", "times")
    ),
    "access.not_found": Event(
        "{actor} asked at {route} for what is not there or not theirs to see ({times}×)",
        says=("route", "times"),
    ),
    "input.refused": Event("{actor} brought {what} that was refused"),
    "directory.read": Event("{actor} read {count} {what}", "disclosure"),
    "directory.person_removed": Event("{actor} removed {subject} from the directory", "alteration"),
    "directory.group_added": Event("{actor} took the team {subject} into the directory"),
    "directory.group_removed": Event("{actor} removed the team {subject} from the directory"),
    "staff.first_administrator_made": Event("The first administrator, {subject}, was made by command"),
    "account.watch_changed": Event("{actor} changed when {team} watches {subject}: it {change}"),
    "account.unwatched_risk_recorded": Event(
        "{actor} recorded what it risks that {subject} is not watched around the clock, borne by {borne_by}"
    ),
    "account.registered": Event("{actor} registered the official account {subject}", "collection"),
    "account.changed": Event("{actor} changed the official account {subject}", "alteration"),
    "paper.imported": Event("{actor} imported {count} lines of a paper log of {subject}", "collection"),
    "paper.viewed": Event("{actor} read lines of a paper log that are not found yet", "consultation"),
    "paper.found": Event("A {subject} of a paper log was found on the platform"),
    "paper.left": Event("{actor} said what a {subject} of a paper log was"),
    "continuity.plan_written": Event("{actor} wrote version {version} of the {subject}"),
    "continuity.plan_reviewed": Event("{actor} read the {subject} and found that it holds"),
    "continuity.tested": Event("{actor} recorded a test of the {subject}"),
    "continuity.action_done": Event("{actor} did what came out of a test of the {subject}: {what}"),
    "continuity.rehomed": Event("{owner} took over from a leaver: {what}"),
    "continuity.contact_noted": Event(
        "{actor} recorded the number of {subject} for emergencies: {duty}", "collection"
    ),
    "continuity.contact_struck": Event("{actor} struck off {subject} and their number: {duty}", "erasure"),
    "contacts.exported": Event("{actor} took {subject} with {count} people on it", "consultation"),
    "outage.raised": Event("{actor} said: {subject}"),
    "outage.ended": Event("{actor} said that it is over: {subject}"),
    "outage.rule_set": Event("{actor} set when a platform counts as down: {subject}"),
    "mandate.requested": Event("{actor} asked for the official account {subject}", "collection"),
    "mandate.assessed": Event("{actor} assessed {subject} for {side}"),
    "mandate.approved": Event("{actor} approved that {subject} is opened"),
    "mandate.refused": Event("{actor} refused the request for {subject}"),
    "mandate.withdrawn": Event("{actor} took back the request for {subject}"),
    "mandate.ticked": Event("{actor} changed the point {point} of the checklist of {subject}"),
    "mandate.finished": Event("{actor} finished the checklist of opening {subject}"),
    "mandate.sent_back": Event("{actor} sent the checklist of opening {subject} back"),
    "mandate.opened": Event("{actor} opened the official account {subject}"),
    "mandate.reviewed": Event("{actor} reviewed the official account {subject}"),
    "mandate.ending": Event("{actor} asked that {subject} be closed"),
    "mandate.called_off": Event("{actor} called the closure of {subject} off"),
    "mandate.closed": Event("{actor} closed the official account {subject} for good"),
    "mandate.changed": Event("{actor} changed what is recorded of {subject}", "alteration"),
    "account.security_checked": Event("{actor} recorded how {subject} is secured on its platform"),
    "account.administrator_noted": Event("{actor} noted that {name} is {role} of {subject} on its platform"),
    "account.administrators_checked": Event(
        "{actor} looked on the platform who administers {subject}: {count} in the list"
    ),
    "account.administrator_removed": Event("{actor} noted that {name} no longer administers {subject}"),
    "naming.rule_added": Event("{actor} added the rule of names “{subject}”"),
    "naming.rule_ended": Event("{actor} ended the rule of names “{subject}”"),
    "policy.published": Event("{actor} published version {version} of “{subject}”"),
    "policy.ended": Event("{actor} ended “{subject}”, so that nobody has to have read it"),
    "policy.read": Event("{actor} confirmed having read version {version} of “{subject}”"),
    "training.course_asked": Event("{actor} asked everybody who publishes for the course {subject}"),
    "training.course_ended": Event("{actor} asks for the course {subject} no longer"),
    "training.noted": Event("{actor} recorded that {subject} took the course {course} on {done_on}"),
    "training.list_noted": Event("{actor} recorded {count} trainings from the file {subject}"),
    "training.lapse_told": Event(
        "{subject}, and {others} who answer for them, were told where {what} stands: {stage}"
    ),
    "training.struck": Event(
        "{actor} struck out that {subject} took the course {course} on {done_on}", "alteration"
    ),
    "impostor.reported": Event("{actor} reported that an account pretends to be the force: {subject}, {how}"),
    "impostor.list_read": Event(
        "{actor} compared {lines} handles of {subject} with ours: {found} look like ours"
    ),
    "impostor.confirmed": Event("{actor} found that the account of {subject} pretends to be the force"),
    "impostor.dismissed": Event(
        "{actor} found that the account of {subject} does not pretend to be the force, and had it forgotten",
        "erasure",
    ),
    "impostor.reported_to_platform": Event(
        "{actor} reported the account of {subject} to its platform", "disclosure"
    ),
    "impostor.chased": Event("{actor} asked the platform again about the account of {subject}"),
    "impostor.taken_down": Event(
        "{actor} noted that the account of {subject} is gone, {hours} hours after it was found"
    ),
    "impostor.left": Event("{actor} noted that the platform leaves the account of {subject}"),
    "impostor.warned": Event("{actor} noted that the public was warned of the account of {subject}"),
    "account.pace_set": Event("{actor} changed how fast posts and replies leave {subject}"),
    "account.credential_stored": Event("{actor} stored a credential for {subject}"),
    "account.credential_renewed": Event("The credential of {subject} was renewed before it expired"),
    "account.credentials_rotated": Event("{actor} put {count} platform credentials under the newest key"),
    "account.renewal_failed": Event("The credential of {subject} could not be renewed: {why}"),
    "account.connecting": Event("{actor} began to connect {subject} to its platform"),
    "account.connection_refused": Event("An answer from {subject} that {actor} brought was refused: {why}"),
    "account.connection_checked": Event("{actor} tested the connection of {subject}: {outcome}"),
    "account.native_declared": Event(
        "{actor} declared that {person} writes on the platform itself as {subject} until {until}: {why}"
    ),
    "account.native_ended": Event("{actor} ended that {person} writes on the platform itself as {subject}"),
    "account.native_post": Event(
        "Something was written on the platform itself as {subject}, and nobody had declared it",
        says=("what",),
    ),
    "account.app_noted": Event("{actor} noted that {app} is connected to {subject}"),
    "account.app_removed": Event("{actor} signed that {app} was removed from {subject}"),
    "platform.call_registered": Event("{actor} had {subject} call us for {count} official accounts"),
    "account.diagnosed": Event("{actor} asked {subject} by command: {act}", "consultation"),
    "account.list_entered": Event(
        "{actor} entered {count} official accounts from the file {subject}", "collection"
    ),
    "neighbourhood.list_kept": Event(
        "{actor} imported areas from {subject}: {added} new, the details of {changed} replaced"
    ),
    "neighbourhood.added": Event("{actor} added the neighbourhood {subject}"),
    "hook.added": Event("{actor} added the {subject}"),
    "hook.secret_renewed": Event("{actor} gave the {subject} a new secret"),
    "hook.tested": Event("{actor} tried the {subject}"),
    "hook.sent_again": Event("{actor} had something told again by the {subject}"),
    "hook.switched_on": Event("{actor} switched on the {subject}"),
    "hook.ended": Event("{actor} ended the {subject}"),
    "hook.changes_noted": Event("{count} changes of the register were put in line for webhooks"),
    "hook.told": Event("A change of the register was taken by the {subject}", "disclosure"),
    "hook.given_up": Event("A change of the register could not be told to the {subject}"),
    "hook.stopped": Event("The {subject} was switched off: it failed too often"),
    "hook.secrets_wrapped": Event("{actor} put {count} secrets of webhooks under the newest key"),
    "account.proof_checked": Event("{actor} looked whether {subject} is proved by {way}: {outcome}"),
    "impostor.searched": Event(
        "{subject} was searched for accounts that look like ours: {seen} seen, {found} found"
    ),
    "service.added": Event("{actor} added the service identity {subject}"),
    "service.changed": Event("{actor} changed the networks or the owner of the service identity {subject}"),
    "service.retired": Event("{actor} retired the service identity {subject}"),
    "service.key_made": Event("{actor} made the key {prefix} for {subject}"),
    "service.key_revoked": Event("{actor} revoked the key {prefix} of {subject}"),
    "service.key_refused": Event("A key of {subject} was refused: {why}"),
    "outbox.viewed": Event("{actor} read answers to the public in the outbox", "consultation"),
    "service.looked": Event("{actor} read {what} through the API", "consultation"),
    "grant.given": Event("{actor} gave {subject} the role of {role}"),
    "grant.ended": Event("{actor} ended the grant of {subject} as {role}"),
    "grant.expired": Event("The grant of {subject} as {role} ran out"),
    "grant.asked_for": Event("{actor} asked for the role of {role} for {subject}"),
    "grant.refused": Event("{actor} refused {subject} the role of {role}"),
    "accounts.break_glass_asked": Event("{actor} asked for emergency access as {role} for {subject}"),
    "accounts.break_glass_opened": Event("{actor} agreed to emergency access as {role} for {subject}"),
    "accounts.break_glass_refused": Event("{actor} refused {subject} emergency access as {role}"),
    "accounts.break_glass_lapsed": Event(
        "Emergency access as {role} for {subject} lapsed: nobody agreed within the hour"
    ),
    "accounts.break_glass_closed": Event("Emergency access as {role} for {subject} was over"),
    "accounts.break_glass_reviewed": Event("{actor} reviewed the emergency access of {subject} as {role}"),
    "staff.moved": Event("{actor} recorded that {subject} has another post", "alteration"),
    "team.added": Event("{actor} added the team {subject}"),
    "team.renamed": Event("{actor} renamed the team {was} to {subject}"),
    "team.joined": Event("{actor} put {subject} into the team {team}", "alteration"),
    "team.left": Event("{actor} took {subject} out of the team {team}", "alteration"),
    "team.led": Event("{actor} recorded that {subject} {what} the team {team}", "alteration"),
    "access.policy_changed": Event("{actor} changed how access is reviewed"),
    "recertification.opened": Event("{actor} opened the recertification {subject} of {grants} grants"),
    "recertification.decided": Event("{actor} said “{what}” for the grant of {subject} as {role}"),
    "recertification.settled": Event("The recertification {subject} is over: {count} grants not confirmed"),
    # Professional standards
    "conduct.decided": Event("{actor} decided about {subject}: {what}", "alteration", restricted=True),
    "conduct.ended": Event("{actor} ended a matter about {subject}: {what}", "alteration", restricted=True),
    "conduct.closed": Event("{actor} closed a matter about {subject}: {what}", "alteration", restricted=True),
    "conduct.return_refused": Event(
        "{actor} would have brought {subject} back, and was refused without the reason", restricted=True
    ),
    "conduct.trail_taken": Event(
        "{actor} took part of the trail of {subject} for a matter of conduct",
        "disclosure",
        restricted=True,
        says=("matter", "since", "until"),
    ),
    "conduct.request_seen": Event("{actor} asked for {page} ({method})", "consultation", restricted=True),
    "conduct.requests_sealed": Event(
        "What was requested under covert audit up to {until}, if anything, was sealed", restricted=True
    ),
    "conduct.refused": Event(
        "{actor} was refused at {route}: {power} ({times}×)",
        restricted=True,
        says=("route", "power", "times"),
    ),
    "conduct.viewed": Event("{actor} looked at matters of conduct: {what}", "consultation", restricted=True),
    # Viewing
    "comments.listed": Event("{actor} saw a list of comments", "consultation"),
    "comment.viewed": Event("{actor} opened a conversation", "consultation"),
    "commenter.history_viewed": Event(
        "{actor} read what {subject} wrote to the force before", "consultation", says=("via", "counted")
    ),
    "commenter.purpose_given": Event(
        "{actor} gave a policing purpose for looking up {subject} again", says=("own", "force")
    ),
    "handover.begun": Event("{actor} handed the shift over to {incoming} and signed", "consultation"),
    "handover.signed": Event("{actor} took the shift over from {outgoing} and signed", "consultation"),
    "handover.withdrawn": Event("{actor} withdrew a handover to {incoming}"),
    "handover.viewed": Event("{actor} read a shift handover", "consultation"),
    "case.viewed": Event("{actor} looked at case {subject}", "consultation"),
    "cases.listed": Event("{actor} saw a list of cases", "consultation"),
    "audit.viewed": Event("{actor} read the audit trail", "consultation"),
    "audit.exported": Event(
        "{actor} exported {count} audit entries for {to}", "disclosure", says=("to", "count")
    ),
    "audit.search_saved": Event("{actor} saved the search “{subject}” of the trail"),
    "audit.search_deleted": Event("{actor} deleted the saved search “{subject}”"),
    "audit.stream_skipped": Event("What was in the trail until now will not be sent on by {subject}"),
    "audit.restored": Event(
        "{person} acknowledged that a backup was restored and {entries} entries from {lost_from} to {lost_to} are lost",
        "erasure",
        says=("person", "agreed", "known", "entries", "lost_from", "lost_to"),
    ),
    "backup.made": Event(
        "{actor} made the backup {subject}: {files} files, {segments} segments of the trail"
    ),
    "backup.restored": Event(
        "{person} had the backup {backup} restored: {brought_back} entries came back from the sinks and none is lost; "
        "{disposed} records that it brought back were disposed of again, {holds} changes of holds done again",
        "alteration",
        says=("person", "backup", "agreed", "known", "brought_back", "holds", "disposed"),
    ),
    "manifests.swept": Event("{actor} removed {count} manifests that have long left for the sinks"),
    "audit.assigned": Event(
        "{actor} assigned part of the trail to {subject} for {reference}",
        "disclosure",
        says=("reference", "people", "since", "until", "ends"),
    ),
    "audit.assignment_ended": Event(
        "{actor} ended the assignment {reference} of {subject}", says=("reference",)
    ),
    "alerts.listed": Event("{actor} saw a list of security alerts", "consultation"),
    "alert.viewed": Event("{actor} looked at a security alert: {subject}", "consultation"),
    "alert.raised": Event("An alert was raised: {subject}", says=("kind", "count")),
    "alert.claimed": Event("{actor} looks into an alert: {subject}"),
    "alert.released": Event("{actor} put an alert back: {subject}"),
    "alert.closed": Event("{actor} closed an alert: {subject}", says=("outcome",)),
    "alert.reopened": Event("{actor} opened an alert again: {subject}"),
    # The scorecard of the APP, and the strategy
    "scorecard.viewed": Event("{actor} looked at the APP scorecard", "consultation"),
    "scorecard.exported": Event(
        "{actor} took the APP scorecard as {form}", "disclosure", says=("form", "to")
    ),
    "strategy.exported": Event("{actor} took the social media strategy as a PDF: {subject}", "consultation"),
    "scorecard.recorded": Event("{actor} recorded where a duty stands ({says}): {subject}"),
    "scorecard.waiver_asked": Event("{actor} asked to waive a duty until {until}: {subject}"),
    "scorecard.waiver_agreed": Event("{actor} agreed to waive a duty until {until}: {subject}"),
    "scorecard.waiver_ended": Event("{actor} ended or refused a waiver: {subject}"),
    "scorecard.meeting_recorded": Event("{actor} recorded the scorecard’s meeting of {subject}"),
    "scorecard.action_added": Event("{actor} gave {subject} something to do by {due_on} for the scorecard"),
    "scorecard.action_done": Event("{actor} recorded as done what {subject} had to do for the scorecard"),
    "strategy.begun": Event("{actor} began {subject}"),
    "strategy.changed": Event("{actor} changed {subject}: {what}"),
    "strategy.approved": Event("{actor} approved {subject}"),
    "strategy.given_up": Event("{actor} gave up {subject}"),
    # Rumours, and what neighbourhoods raise
    "rumours.listed": Event("{actor} saw a list of rumours", "consultation"),
    "rumour.viewed": Event("{actor} looked at the rumour {subject}", "consultation"),
    "rumour.found": Event(
        "{count} comments say the same, noted as {subject}", "combination", says=("count",)
    ),
    "rumour.grew": Event("{count} more comments say {subject}", "combination", says=("count",)),
    "rumour.raised": Event("{actor} noted the rumour {subject}", "combination"),
    "rumour.added": Event("{actor} added a comment to the rumour {subject}", "combination"),
    "rumour.moved": Event("{actor} set the rumour {subject} to {becomes}", says=("was", "becomes")),
    "rumour.assessed": Event(
        "{actor} assessed the risk of the rumour {subject}: {priority}", says=("harm", "spread", "priority")
    ),
    "rumour.evidence": Event("{actor} added evidence on the rumour {subject}"),
    "rumour.authority_set": Event(
        "{actor} set who may speak on the rumour {subject}: {authority}", says=("authority",)
    ),
    "rumour.legal_asked": Event("{actor} asked for a legal check of the rumour {subject}"),
    "rumour.legal_answered": Event("{actor} answered the legal check of the rumour {subject}: {answer}"),
    "rumour.words_asked": Event("{actor} asked communications for words on the rumour {subject}"),
    "rumour.post_drafted": Event("{actor} drafted a {kind} on the rumour {subject}", says=("kind", "post")),
    "rumour.replies_offered": Event(
        "{actor} kept {count} drafts of replies to who asked about {subject}", says=("count",)
    ),
    "rumour.case_tied": Event("{actor} tied the rumour {subject} to the case {case}", says=("case",)),
    "rumour.joined": Event("{actor} joined the rumour {subject} with {other}", says=("other",)),
    "rumours.let_go": Event("{count} links of rumours to comments that are gone were deleted", "erasure"),
    "area.viewed": Event("{actor} read what {subject} worried about", "consultation"),
    "safeguard.guard_set": Event(
        "{actor} set when the surveillance guard asks for a purpose", says=("was", "becomes")
    ),
    "look_ups.swept": Event("{count} look-ups that no count reaches any more were deleted", "erasure"),
    "look_ups.listed": Event("{actor} read the purposes given for repeated look-ups", "consultation"),
    "safeguard.alert_set": Event(
        "{actor} set when an alert is raised: {subject}", says=("was", "becomes", "on")
    ),
    "safeguard.reason_set": Event(
        "{actor} set the reason for “{subject}” to {becomes}", says=("was", "becomes")
    ),
    "file.viewed": Event("{actor} opened {subject}", "consultation"),
    # Comments
    "comments.ingested": Event("{actor} took in comments from {subject}", "collection"),
    "comment.quarantined": Event("A message from {subject} could not be read and was set aside"),
    "comment.edited_upstream": Event("The author edited a comment on {subject}", "alteration"),
    "comment.removed_upstream": Event("A comment on {subject} was removed on the platform (by: {by})"),
    "comment.back_upstream": Event("A comment that was gone from {subject} stands there again"),
    "attachment.kept": Event("The {subject} was kept as it was received", "collection"),
    "attachment.not_kept": Event("The {subject} could not be kept: {why}"),
    "attachment.viewed": Event("{actor} looked at the {subject}", "consultation"),
    "attachment.exhibited": Event(
        "{actor} took the {subject} as an exhibit for {to}", "disclosure", says=("to", "sha256")
    ),
    "attachment.sealed": Event(
        "{actor} sealed the {subject}: it may show the abuse of a child", "alteration"
    ),
    "attachment.opened": Event("{actor} opened the sealed {subject}: {why}", "consultation", says=("why",)),
    "attachment.unsealed": Event("{actor} lifted the seal of the {subject}", "alteration", says=("why",)),
    "comment.claimed": Event("{actor} claimed a comment", "alteration"),
    "comment.released": Event("{actor} released a comment", "alteration"),
    "comment.skipped": Event("{actor} passed a comment over: {why}", "alteration", says=("why",)),
    "comment.skipped_by_all": Event("Everybody on shift had passed a comment over: supervisors were told"),
    "comments.searched": Event("{actor} searched the comments", "consultation"),
    "commenter.searched": Event("{actor} searched for a person’s handle", "consultation"),
    "view.saved": Event("{actor} saved the view “{name}” of the queue", says=("name",)),
    "view.changed": Event("{actor} changed the view “{name}” of the queue", says=("name",)),
    "view.removed": Event("{actor} removed the view “{name}” of the queue", says=("name",)),
    "places.added": Event("{actor} added names of places in {subject}", "alteration"),
    "place.withdrawn": Event("{actor} withdrew the name of a place in {subject}", "alteration"),
    "comment.claim_ran_out": Event("A claim ran out and the comment is free again"),
    "comment.replied": Event("{actor} wrote a reply to a comment", "disclosure"),
    "comment.hidden": Event("{actor} hid a comment under “{clause}”", "alteration"),
    "comment.unhidden": Event("{actor} showed a hidden comment again", "alteration"),
    "comment.deleted": Event("{actor} had a comment deleted on its platform under “{clause}”", "erasure"),
    "comment.blocked": Event("{actor} had a commenter blocked under “{clause}”", "alteration"),
    "comment.unblocked": Event("{actor} had a commenter unblocked", "alteration"),
    "comment.muted": Event("{actor} had a commenter muted under “{clause}”", "alteration"),
    "comment.unmuted": Event("{actor} had a commenter unmuted", "alteration"),
    "comment.restricted": Event(
        "{actor} restricted a commenter on the platform itself under “{clause}”", "alteration"
    ),
    "comment.reported": Event("{actor} reported a comment to its platform", "disclosure", says=("to",)),
    "comment.handled_elsewhere": Event("{actor} noted that a comment was handled elsewhere", "alteration"),
    "comment.handed_over": Event("{actor} handed a comment to {to}", "alteration"),
    "comment.reply_asked": Event("{actor} asked for a second person’s yes to a reply", "alteration"),
    "comment.reply_approved": Event("{actor} said yes to the words of a colleague’s reply", "alteration"),
    "comment.reply_returned": Event("{actor} sent a colleague’s reply back", "alteration"),
    "comment.reply_taken_back": Event(
        "{actor} took back a reply that waited for a second person", "alteration"
    ),
    "comment.assessed": Event("{actor} assessed a comment by THRIVE", "collection"),
    "block.lifting": Event("A block comes to its end and is being lifted", "alteration"),
    "block.lifted": Event("A block was lifted", "alteration"),
    "block.left_to_people": Event("A block waits to be lifted by a person on the platform itself"),
    "block.listed": Event("{actor} saw who is blocked", "consultation"),
    "act_review.asked": Event("A {subject} waits for a second person’s look"),
    "act_review.agreed": Event("{actor} agreed with a colleague’s {subject}", "alteration"),
    "act_review.overturned": Event("{actor} overturned a colleague’s {subject}", "alteration"),
    "act_review.overdue": Event("A {subject} was not looked at by a second person in its time"),
    "act_review.viewed": Event(
        "{actor} saw deletions and blocks that wait for a second person", "consultation"
    ),
    "batch.decided": Event("{actor} decided on many comments at once: {says}", "alteration"),
    "batch.undone": Event("{actor} took back what they had decided on many comments at once", "alteration"),
    "batch.viewed": Event("{actor} looked at many comments before deciding on them at once", "consultation"),
    "saved_reply.added": Event("{actor} added the saved reply “{subject}”", "alteration"),
    "saved_reply.changed": Event("{actor} changed the saved reply “{subject}”", "alteration"),
    "saved_reply.withdrawn": Event("{actor} withdrew the saved reply “{subject}”", "alteration"),
    "saved_reply.put_back": Event("{actor} put the saved reply “{subject}” back", "alteration"),
    "saved_reply.used": Event("{actor} put the saved reply “{reply}” into their draft"),
    "messaging.decided": Event("{actor} decided how private messages are run on {subject}", "alteration"),
    "messaging.answered": Event(
        "A private message in an hour when nobody reads was answered automatically",
        "disclosure",
        says=("to",),
    ),
    "messaging.not_answered": Event("No automatic answer went out on {subject}: {why}"),
    "comment.no_action": Event("{actor} decided that a comment needs no action", "alteration"),
    "comment.escalated": Event("{actor} escalated a comment as {pathway}", "alteration"),
    "comment.reopened": Event("{actor} reopened a comment", "alteration"),
    "comment.outcome_noted": Event("A {kind} arrived: the comment shows it", "alteration"),
    "comment.draft_begun": Event("{actor} began to write a reply to a comment", "collection"),
    "comment.noted": Event("{actor} wrote a private note on a comment", "collection"),
    "comment.triaged": Event("Triage read comments with the model {version}"),
    "triage.exemplar_added": Event("{actor} added an example to triage: {subject}", "alteration"),
    "triage.exemplar_withdrawn": Event("{actor} withdrew an example of triage: {subject}", "alteration"),
    "triage.exemplar_restored": Event("{actor} put an example of triage back: {subject}", "alteration"),
    "triage.exemplars_seeded": Event("The examples that ship were added to triage"),
    "triage.switched_off": Event(
        "{actor} switched triage off ({subject})", "alteration", says=("categories",)
    ),
    "triage.switched_on": Event("{actor} switched triage on again", "alteration"),
    "triage.version_asked": Event("{actor} asked for a new version of triage: {kind}", "alteration"),
    "triage.trial_asked": Event("{actor} asked what a change of triage's rules would do", "alteration"),
    "triage.rules_tried": Event("A change of triage's rules was tried on what came lately"),
    "triage.version_made": Event("A version of triage was made and tried: {subject}"),
    "triage.version_failed": Event("A version of triage could not be made"),
    "triage.switched": Event("{actor} made the version {subject} of triage live: {why}", "alteration"),
    "comment.retriaged": Event("{actor} changed the category of a comment", "alteration"),
    # What the public asks about hidden comments
    "inquiry.asked": Event("Somebody asked why a comment was hidden", "collection"),
    "inquiry.answered": Event(
        "The author of a comment proved their handle and was told why it is hidden",
        "disclosure",
        says=("to",),
    ),
    "inquiry.withheld": Event("{actor} decided that the reason for a hide is not given for now"),
    "inquiry.no_longer_withheld": Event("{actor} decided that the reason for a hide is given again"),
    "surge.suggested": Event("More than usual came: a {subject} was suggested"),
    "surge.lapsed": Event("A suggested {subject} passed by itself"),
    "surge.started": Event("{actor} started surge mode: {subject}", "alteration"),
    "surge.dismissed": Event("{actor} said that there is no {subject}", "alteration"),
    "surge.ended": Event("{actor} ended surge mode: {subject}", "alteration"),
    "surge.group_decided": Event("{actor} decided for {comments} comments alike: {what}", "alteration"),
    "surge.group_done": Event("{actor} decided {done} comments alike; {left_out} were left out"),
    "surge.group_undone": Event("{actor} took back a decision for {comments} comments alike", "alteration"),
    "quality.drawn": Event("{samples} closed decisions were drawn to be looked over: {subject}"),
    "quality.viewed": Event("{actor} read a {subject}", "consultation"),
    "quality.marked": Event("{actor} looked over a decision of {whose}: {mark}", "collection"),
    "quality.answered": Event("{actor} answered what was said of a {subject}", "collection"),
    "welfare.chosen": Event("{actor} chose how pictures are shown to them"),
    "welfare.rule_set": Event(
        "{actor} set from how many distressing things a day people are spoken to: {per_day}"
    ),
    "reconsideration.asked": Event("The author of a hidden comment asked for a second look", "collection"),
    "reconsideration.viewed": Event("{actor} opened a second look at a hidden comment", "consultation"),
    "reconsideration.listed": Event("{actor} saw who asks for a second look", "consultation"),
    "reconsideration.upheld": Event(
        "{actor} looked again: a comment stays hidden under “{clause}”", "disclosure", says=("to",)
    ),
    "reconsideration.overturned": Event(
        "{actor} looked again: a hidden comment is shown again", "disclosure", says=("to",)
    ),
    "reconsideration.overdue": Event("A {subject} was not answered in its time, or is due within three days"),
    "guidelines.begun": Event("{actor} began {subject} of the community guidelines"),
    "guidelines.changed": Event(
        "{actor} changed {subject} of the community guidelines: {what}", "alteration", says=("what",)
    ),
    "guidelines.approved": Event("{actor} approved {subject} of the community guidelines", "alteration"),
    "guidelines.taken_back": Event(
        "{actor} took {subject} of the community guidelines back to change it", "alteration"
    ),
    "guidelines.given_up": Event("{actor} gave up {subject} of the community guidelines", "alteration"),
    "guidelines.in_force": Event("{subject} of the community guidelines came into force", "alteration"),
    # Cases
    "case.opened": Event("{actor} opened case {subject}", "combination"),
    "case.comment_added": Event("{actor} added a comment to case {subject}", "combination"),
    "case.acknowledged": Event("{actor} said “I have it” for case {subject}", "alteration"),
    "case.climbed": Event("Nobody acknowledged case {subject} in time: {level} was called"),
    "case.noted": Event("{actor} added to the log of case {subject}", "alteration"),
    "case.closed": Event("{actor} closed case {subject}", "alteration"),
    "case.reopened": Event("{actor} reopened case {subject}", "alteration"),
    "case.unreached": Event(
        "Nobody called at level {level} of case {subject} could be reached by any way tried"
    ),
    "case.resumed": Event("The ladder of case {subject} went on: whoever had it {why}"),
    "case.code_refused": Event("A code that was texted back did not count: {why}"),
    "case.chased": Event("Somebody was called to the deadline of case {subject}"),
    "case.clock_changed": Event("{actor} changed the clock of case {subject}", "alteration"),
    "case.assessed": Event("{actor} assessed case {subject} as {grade}", "alteration"),
    "case.review_made": Event("{actor} looked at the lowered grade of case {subject}", "alteration"),
    "case.decided": Event("{actor} logged a decision in case {subject}", "alteration"),
    "case.person_noted": Event("{actor} wrote about somebody involved in case {subject}", "collection"),
    "case.linked": Event("{actor} tied case {subject} to {other}", "combination"),
    "case.merged": Event("{actor} merged case {subject} into {other}", "combination"),
    "case.split": Event("{actor} split {other} off case {subject}", "alteration"),
    "case.own_post_added": Event("{actor} kept a post of ours with case {subject}", "collection"),
    "case.sheet_given": Event(
        "{actor} gave the threat-to-life sheet of case {subject} to {to}", "disclosure", says=("to",)
    ),
    "case.exhibits_given": Event(
        "{actor} gave {exhibits} exhibits of case {subject} to {to}", "disclosure", says=("to", "sha256")
    ),
    "grade.saved": Event("{actor} saved the grade {subject}"),
    # Referrals. Of those that are private to their team professional standards alone read the entries.
    "referral.made": Event("{actor} referred {subject} to {to}", "disclosure", says=("to",)),
    "referral.made_in_confidence": Event(
        "{actor} referred {subject} to {to}", "disclosure", restricted=True, says=("to",)
    ),
    "referral.viewed": Event("{actor} looked at referral {subject}", "consultation"),
    "referral.viewed_in_confidence": Event(
        "{actor} looked at referral {subject}", "consultation", restricted=True
    ),
    "referrals.listed": Event("{actor} saw a list of referrals", "consultation"),
    "referral.taken": Event("{actor} took referral {subject}", "alteration"),
    "referral.answered": Event("{actor} answered referral {subject}", "alteration"),
    "referral.settled_in_confidence": Event(
        "{actor} worked on referral {subject}", "alteration", restricted=True
    ),
    "referral.numbered": Event("{actor} gave {subject} its number: {number}", "alteration"),
    "referral.chased": Event("{subject} was asked after: it is overdue"),
    "referral.chased_in_confidence": Event("{subject} was asked after: it is overdue", restricted=True),
    # Intelligence. Subject is the report by its reference, never the source.
    "intelligence.written": Event("{actor} reported intelligence: {subject}", "collection"),
    "intelligence.corrected": Event("{actor} corrected {subject}", "alteration"),
    "intelligence.sent_back": Event("{actor} sent {subject} back to be corrected", "alteration"),
    "intelligence.graded": Event("{actor} graded {subject}: {codes}", "alteration"),
    "intelligence.linked": Event(
        "{actor} recorded that {subject} stands in the intelligence system", "alteration"
    ),
    "intelligence.dismissed": Event("{actor} set {subject} aside: no intelligence", "alteration"),
    "intelligence.viewed": Event("{actor} looked at {subject}", "consultation"),
    "intelligence.source_opened": Event(
        "{actor} opened the source of {subject}: {why}", "consultation", says=("why",)
    ),
    "intelligence.disclosed": Event("{actor} gave {subject} to {to}", "disclosure", says=("to", "how")),
    "desk_alert.raised": Event("The desk was alerted: {subject}", "alteration"),
    "desk_alert.viewed": Event("{actor} looked at {subject}", "consultation"),
    "desk_alert.seen": Event("{subject} was taken as seen: somebody works on its comment"),
    "desk_alert.passed_on": Event("The desk left {subject}: the ladder began without it", "alteration"),
    "desk_alert.stood_down": Event("{actor} stood down {subject}", "alteration"),
    "desk_alert.swept": Event("{count} alerts went with their comments", "erasure"),
    "desk_alerts.listed": Event("{actor} read the list of alerts", "consultation"),
    "pathway.added": Event("{actor} added the pathway {subject}"),
    "pathway.drafted": Event("{actor} saved version {number} of the pathway {subject} as a draft"),
    "pathway.dropped": Event("{actor} gave up version {number} of the pathway {subject}"),
    "pathway.switched": Event("{actor} switched version {number} of the pathway {subject} live"),
    "rota.added": Event("{actor} added the rota {subject}"),
    "rota.read": Event("{actor} read a file of {rows} shifts for {subject}"),
    "rota.applied": Event("{actor} put {new} shifts on {subject} and withdrew {withdrawn}"),
    "rota.covered": Event("{person} covers {subject} until {until}, by {actor}"),
    "rota.withdrawn": Event("{actor} took a shift of {person} off {subject}"),
    "posts.exported": Event("{actor} took {count} approved posts of {subject} as a table"),
    "post.saved": Event("{actor} saved the post {subject}"),
    # Publishing
    "post.drafted": Event("{actor} drafted the post {subject}"),
    "post.edited": Event("{actor} edited the post {subject}"),
    "post.submitted": Event("{actor} sent the post {subject} for approval"),
    "post.approved": Event("{actor} approved the post {subject}"),
    "post.approved_by_one": Event("{actor} approved the post {subject}; others are needed"),
    "post.approved_by_telephone": Event("{actor} recorded that {by} approved the post {subject}"),
    "post.let_go": Event("{actor} sent the post {subject}, which needs no prior approval"),
    "post.looked_at": Event("{actor} looked at the post {subject} afterwards, which {why}: {verdict}"),
    "post.look_overdue": Event("Nobody had looked at the post {subject} in time; {told} people were told"),
    "post.asked": Event("{actor} asked the author of the post {subject} something"),
    "post.answered": Event("{actor} answered what was asked about the post {subject}"),
    "cover.named": Event("{actor} named {subject} to stand in for them with approvals"),
    "cover.ended": Event("{actor} ended that {subject} stands in with approvals"),
    "steps.begun": Event("{actor} began {subject}"),
    "steps.changed": Event("{actor} changed numbers in {subject}"),
    "steps.rule_added": Event("{actor} added the rule “{rule}” to {subject}"),
    "steps.rule_removed": Event("{actor} took the rule “{rule}” out of {subject}"),
    "steps.asked": Event(
        "{actor} asked for a second person to put {subject} in force, weaker in {weaker} places"
    ),
    "steps.in_force": Event("{actor} put {subject} in force"),
    "steps.returned": Event("{actor} made {subject} a draft again"),
    "steps.dropped": Event("{actor} dropped {subject}"),
    "trust.given": Event("{actor} let posts of {subject} go without prior approval where the steps say so"),
    "trust.withdrawn": Event("{actor} let no post of {subject} go without prior approval any more"),
    "post.check_overridden": Event("{actor} let the post {subject} go on, which the check “{check}” stopped"),
    "post.put_right": Event("{actor} put right what the urgent post {subject} was let go with"),
    "check.set": Event("{actor} set the check {subject}: {level}; overridden by {override_by}"),
    "check.period_added": Event("{actor} added the days before an election {subject}"),
    "check.period_ended": Event("{actor} took out the days before an election {subject}"),
    "check.known_added": Event("{actor} put the {kind} {subject} on the list that checks go by"),
    "check.known_removed": Event("{actor} took {subject} off the list that checks go by"),
    "post.returned": Event("{actor} returned the post {subject} for changes"),
    "post.withdrawn": Event("{actor} withdrew the post {subject}"),
    "post.published": Event("The post {subject} went out", "disclosure"),
    "post.moved": Event("{actor} gave the post {subject} another time"),
    "post.paired": Event("{actor} paired the post {subject} with {with}, its like in the other language"),
    "post.parted": Event("{actor} parted the post {subject} from {from}, its like in the other language"),
    "campaign.made": Event("{actor} planned the campaign {subject}"),
    "campaign.changed": Event("{actor} changed the campaign {subject}"),
    "campaign.started": Event("{actor} started the campaign {subject}"),
    "campaign.stopped": Event("{actor} stopped the campaign {subject}"),
    "campaign.went_on": Event("{actor} let the campaign {subject} go on"),
    "campaign.called_off": Event("{actor} called off the campaign {subject}"),
    "campaign.ended": Event("{actor} ended the campaign {subject}"),
    "log.lines_taken": Event("{actor} took {new} lines into the log {subject}", "collection"),
    "log.lines_shown": Event(
        "{actor} read lines of the log {subject} that nobody had read yet", "consultation"
    ),
    "log.line_read": Event("{actor} read {subject} and wrote a post from it", "alteration"),
    "log.line_passed_over": Event("{actor} passed over {subject}", "erasure"),
    "log.morning_counted": Event("{out} posts of the log {subject} had gone out by this morning"),
    "meeting.set_up": Event("{actor} said what the public reads about the meeting {subject}"),
    "meeting.officer_named": Event("{actor} named {officer} to answer in the meeting {subject}"),
    "meeting.officer_removed": Event("{actor} had {officer} answer no more in the meeting {subject}"),
    "meeting.closed": Event("{actor} closed the meeting {subject} to further questions"),
    "meeting.opened": Event("{actor} opened the meeting {subject} to questions again"),
    "meeting.viewed": Event("{actor} read questions of the meeting {subject}", "consultation"),
    "meeting.transcript_published": Event(
        "{actor} had the transcript of the meeting {subject} published", "disclosure", says=("to",)
    ),
    "question.asked": Event("{actor} put {subject} to the meeting {meeting}", "collection"),
    "question.triaged": Event("Triage read {subject}"),
    "question.shown": Event("{actor} showed {subject} to the public", "disclosure", says=("to",)),
    "question.declined": Event("{actor} kept {subject} from the public", "alteration"),
    "question.taken": Event("{actor} took {subject} to answer it"),
    "question.freed": Event("{actor} left {subject} to others"),
    "question.answered": Event("{actor} answered {subject} in public", "disclosure", says=("to",)),
    "concern.raised": Event("{actor} wrote down {subject}", "collection"),
    "concern.planned": Event("{actor} had {owner} take up {subject}"),
    "concern.reported": Event("{actor} wrote down what was done about {subject}"),
    "concern.published": Event("{actor} had the result of {subject} published", "disclosure", says=("to",)),
    "concern.taken_down": Event("{actor} took the result of {subject} down"),
    "concern.dropped": Event("{actor} did not take up {subject}"),
    "concern.post_drafted": Event("{actor} drafted a post from {subject}"),
    "occasion.written": Event("{actor} wrote down where {subject} is and who is there"),
    "occasion.duty_given": Event("{actor} put {person} on duty for {subject}"),
    "occasion.duty_taken": Event("{actor} took {person} off duty for {subject}"),
    "takeover.guest_named": Event("{actor} asked {guest} to write as a guest in {subject}"),
    "takeover.rules_accepted": Event("{actor} accepted the house rules of {subject}"),
    "occasion.ticked": Event("{actor} went over the checklist of {subject}"),
    "engagement.asked": Event("{actor} asked to enter {subject} among influencers, paid media and partners"),
    "engagement.approved": Event("{actor} approved the entry of {subject}"),
    "engagement.refused": Event("{actor} refused the entry of {subject}"),
    "engagement.closed": Event("{actor} closed the entry of {subject}"),
    "series.made": Event("{actor} made a series of {posts} posts of {subject}"),
    "series.ended": Event("{actor} ended the series {subject}"),
    "template.written": Event("{actor} wrote version {version} of the {kind} {subject}"),
    "template.approved": Event("{actor} approved version {version} of the holding statement {subject}"),
    "template.retired": Event("{actor} took {subject} out of the templates"),
    "template.used": Event("{actor} began a post from {subject}, version {version}"),
    "asset.added": Event("{actor} put {subject} into the media library"),
    "asset.retired": Event("{actor} took {subject} out of the media library"),
    "tag.added": Event("{actor} added the {kind} {subject}"),
    "tag.retired": Event("{actor} retired the tag {subject}"),
    "calendar.feed_made": Event("{actor} made the calendar address {subject}"),
    "calendar.feed_revoked": Event("{actor} revoked the calendar address {subject}"),
    "calendar.feed_read": Event("A calendar program read the address {subject}", "consultation"),
    "post.correction_asked": Event("{actor} asked for a {kind} of the post {subject} on {on}"),
    "post.correction_approved": Event("{actor} approved a {kind} of the post {subject} on {on}"),
    "post.correction_approved_by_one": Event(
        "{actor} approved a {kind} of the post {subject} on {on}; others are needed"
    ),
    "post.correction_returned": Event("{actor} returned a {kind} of the post {subject} on {on}"),
    "post.correction_withdrawn": Event("{actor} withdrew a {kind} of the post {subject} on {on}"),
    "post.rescheduled": Event("{actor} gave the post {subject} another time"),
    "post.corrected": Event("The post {subject} says something else on {on}", "disclosure"),
    "post.deleted": Event("The post {subject} was deleted on {on}", "erasure"),
    # Public appeals, and taking down what pictures somebody
    "appeal.opened": Event("{actor} wrote down the public appeal {subject}", "collection"),
    "appeal.changed": Event("{actor} changed the public appeal {subject}", "alteration"),
    "appeal.picture_added": Event("{actor} added a picture to the public appeal {subject}", "collection"),
    "appeal.picture_removed": Event("{actor} removed a picture from the public appeal {subject}"),
    "appeal.post_written": Event("{actor} wrote a post for the public appeal {subject}"),
    "appeal.live": Event("The public appeal {subject} is live", "disclosure"),
    "appeal.due": Event("The public appeal {subject} is due for review"),
    "appeal.overdue": Event("The public appeal {subject} was not reviewed in time"),
    "appeal.reviewed": Event("{actor} reviewed the public appeal {subject}"),
    "appeal.case_opened": Event("A case was opened for the overdue review of {subject}"),
    "appeal.closing": Event("{actor} ended the public appeal {subject}: it comes down everywhere"),
    "appeal.abandoned": Event("{actor} gave up the public appeal {subject}, which never went out"),
    "appeal.verified": Event("The public appeal {subject} is seen to be gone everywhere", "erasure"),
    "appeal.ended": Event("{actor} closed the file of the public appeal {subject}"),
    "tip.received": Event("Something was told on the public appeal {appeal}", "collection"),
    "tip.grouped": Event("Tips that say nearly the same were put together"),
    "tip.placed": Event("{actor} said where the tip {subject} was", "alteration"),
    "tip.passed_on": Event("{actor} passed the tip {subject} on as {passed_as}"),
    "tip.settled": Event("{actor} decided that there is nothing to do about the tip {subject}"),
    "tip.reopened": Event("{actor} looks at the tip {subject} again"),
    "tip.contact_read": Event("{actor} read how to reach whoever told {subject}", "consultation"),
    "tips.listed": Event("{actor} was shown tips on the public appeal {subject}", "consultation"),
    "tip.case_opened": Event("The tip {subject} is in a case"),
    "post.shown_longer": Event(
        "{actor} let the post {subject}, which pictures somebody, stand until {until}"
    ),
    "take_down.begun": Event("A post on {subject} comes down"),
    "take_down.checked": Event("A post on {subject} that should be gone was read back"),
    "take_down.late": Event("A post on {subject} that should be gone still stands"),
    "take_down.case_opened": Event("A case was opened for a post on {subject} that still stands"),
    "take_down.looked": Event("{actor} looked at {subject} and said that a post is gone"),
    "take_down.done": Event("A post on {subject} is seen to be gone or changed ({how})", "erasure"),
    "delivery.queued": Event("{actor} queued a {kind} for {subject}"),
    "delivery.claimed": Event("A {kind} for {subject} is about to be sent", former=True),
    "delivery.put_back": Event("A {kind} for {subject} will be tried again"),
    "delivery.sending": Event("A {kind} is being sent to {subject}"),
    "delivery.sent": Event("A {kind} went out on {subject}", "disclosure"),
    "delivery.rejected": Event("{subject} refused a {kind}"),
    "delivery.unknown": Event("The outcome of a {kind} on {subject} is unknown"),
    "delivery.settled": Event("The outcome of a {kind} on {subject} was settled: {outcome}"),
    "delivery.unsettled": Event("A person has to decide what became of a {kind} on {subject}"),
    "delivery.contradicted": Event("{subject} named a {kind} again that was settled before: {external_id}"),
    "delivery.held": Event("A {kind} for {subject} is held: {why}"),
    "delivery.released": Event("{actor} released a held {kind} for {subject}"),
    "delivery.withdrawn": Event("{actor} withdrew a {kind} for {subject}"),
    "lockdown.started": Event("{actor} stopped what goes out: {subject}"),
    "lockdown.told": Event("{people} people were told of the {subject}"),
    "lockdown.under_way_noted": Event("{count} acts were under way at the start of the {subject}"),
    "lockdown.exception_allowed": Event("{actor} let a {what} on {on} pass the {subject}"),
    "lockdown.release_asked": Event("{actor} asked to end the {subject}"),
    "lockdown.release_declined": Event("{actor} let the {subject} go on"),
    "lockdown.lifted": Event("{actor} ended the {subject}"),
    # Files and notices
    "file.sealed": Event("{subject} was received from a platform and sealed", "collection"),
    "file.bytes_removed": Event("{actor} removed the bytes of {count} disposed files from the store"),
    "file.keys_rotated": Event("{actor} put the keys of {count} sealed files under the newest key"),
    "file.stored": Event("{actor} stored {subject}", "collection"),
    "notice.given": Event("{actor} told {subject}: {title}"),
    "notice.seen": Event("{actor} saw {notices} of their notices"),
    "notice.sent": Event("A notice was sent to {subject}"),
    "notice.sent_again": Event("{actor} had a notice to {subject} sent again: “{title}”"),
    "notice.arrived": Event("{channel} to {subject} arrived: “{title}”"),
    "notice.failed": Event("A notice to {subject} could not be sent by {channel}"),
    # The same of what is private to a team: whom it was told, by whom and when, would say what nobody else may know.
    "notice.given_in_confidence": Event("{actor} told {subject}: {title}", restricted=True),
    "notice.sent_in_confidence": Event("A notice was sent to {subject}", restricted=True),
    "notice.arrived_in_confidence": Event("{channel} to {subject} arrived: “{title}”", restricted=True),
    "notice.failed_in_confidence": Event(
        "A notice to {subject} could not be sent by {channel}", restricted=True
    ),
    "notice.sent_again_in_confidence": Event(
        "{actor} had a notice to {subject} sent again: “{title}”", restricted=True
    ),
    # Retention
    "schedule.row_changed": Event("{actor} changed the retention of {subject}"),
    "hold.placed": Event("{actor} placed a hold on {subject}"),
    "schedule.row_confirmed": Event("{actor} confirmed the retention of {subject}"),
    "hold.reviewed": Event("{actor} reviewed the hold on {subject} and kept it"),
    "hold.lift_asked": Event("{actor} asked that the hold on {subject} is lifted"),
    "hold.lifted": Event("{actor} lifted a hold on {subject}"),
    "schedule.drafted": Event("{actor} drafted another retention of {subject}: {would_be}"),
    "schedule.left_out": Event("{actor} left {subject} out of the draft after all"),
    "schedule.put_forward": Event("{actor} put {subject} forward, for {count} record classes"),
    "schedule.approved": Event("{actor} approved {subject}, to count from {on}"),
    "schedule.withdrawn": Event("{actor} withdrew {subject}"),
    "archive.offered": Event("{actor} offered {count} records to {subject}"),
    "archive.handed_over": Event("{actor} took the file of an offer for {to}", "disclosure", says=("to",)),
    "archive.answered": Event("{actor} recorded the answer of {subject}: {answer}"),
    "disposal.proposed": Event("{actor} proposed to dispose of {count} records of {subject}"),
    "disposal.stopped": Event("{actor} stopped the disposal of {subject}"),
    "disposal.let_go_on": Event("{actor} let the disposal of {subject} go on"),
    "disposal.stood_for": Event("{actor} stood for the disposal of {count} records of {subject}"),
    "reviews.opened": Event("{actor} put {count} records of {subject} up for review"),
    "review.decided": Event("{actor} decided in review on {subject}: {decision}"),
    "review.record_opened": Event("{actor} read {subject} to review it", "consultation"),
    "review.agreed": Event("{actor} agreed in review on {subject}: {decision}"),
    "review.sent_back": Event("{actor} sent the review of {subject} back"),
    "record.restricted": Event("{actor} restricted {subject}", "alteration"),
    "restriction.lifted": Event("{actor} lifted the restriction of {subject}", "alteration"),
    "restriction.opened": Event("{actor} opened the restricted {subject}", "consultation"),
    "record.transferred": Event(
        "{actor} recorded that {receiver} took over {subject} ({system})", "disclosure"
    ),
    "comment.taken_as_request": Event("{actor} took in {subject} as {request}", "collection"),
    "request.taken_in": Event("{actor} took in {subject}, received {received_on}", "collection"),
    "request.subject_added": Event("{actor} named somebody whom {subject} is about", "collection"),
    "request.subject_left_out": Event("{actor} left somebody out of {subject}", "alteration"),
    "request.taken": Event("{actor} answers for {subject}"),
    "request.identity_recorded": Event("{actor} recorded who asks in {subject}: {state}", "collection"),
    "request.clock_stopped": Event("{actor} asked what {subject} wants; its clock stands still"),
    "request.clock_runs": Event("{actor} recorded what {subject} wants; its clock runs again"),
    "request.longer": Event("{actor} took the law’s longer time for {subject}"),
    "request.searched": Event(
        "{actor} searched all records for {subject}: {found} found", "consultation", says=("found",)
    ),
    "request.picture_viewed": Event("{actor} opened a picture that was found for {subject}", "consultation"),
    "request.items_viewed": Event("{actor} read what was found for {subject}", "consultation"),
    "request.item_decided": Event("{actor} decided on {record} in {subject}: {decision}", "alteration"),
    "request.bundle_made": Event(
        "{actor} made bundle {number} of {subject}: {records} records", "combination"
    ),
    "request.bundle_opened": Event("{actor} took out bundle {number} of {subject}", "consultation"),
    "request.put_forward": Event("{actor} put an answer to {subject} forward: {outcome}"),
    "request.sent_back": Event("{actor} sent the answer to {subject} back"),
    "request.agreed": Event("{actor} agreed to the answer to {subject}: {outcome}"),
    "request.disclosed": Event(
        "{actor} gave {to} what is held, for {subject}: {records} records", "disclosure", says=("to", "how")
    ),
    "request.answered": Event("{actor} recorded the answer to {subject}: {outcome}"),
    "request.overdue": Event("The time of {subject} is over, and it was not answered"),
    "request.case_opened": Event("{actor} opened case {case} for {subject}"),
    "comment.suppressed": Event("{actor} kept out {count} disposed-of comments that {subject} offered again"),
    "records.disposed": Event("{actor} disposed of {count} records of class {subject}", "erasure"),
    "disposal.finished": Event("{actor} finished the disposal of {subject}: {count} gone, {held} held"),
    "partitions.made": Event("{actor} made {count} monthly partitions"),
    # The seal of the trail
    "seal.key_began": Event("The key {subject} began to seal the audit trail"),
    "seal.key_changed": Event("{actor} changed the key that seals the audit trail to {subject}"),
    "seal.key_lost": Event("{actor} began the key {subject} in place of one that was lost"),
    "seal.sink_failed": Event("The checkpoint sink {subject} could not be reached"),
    "seal.sink_recovered": Event("The checkpoint sink {subject} takes checkpoints again"),
    "audit.sealed_exported": Event(
        "{actor} exported the sealed trail for {to}: {count} entries", "disclosure", says=("to", "count")
    ),
    "audit.proved": Event("{actor} took away the proof of audit entry {subject}", "disclosure", says=("to",)),
    "report.made": Event("The report {subject} was made for {actor}", "combination"),
    "report.viewed": Event("{actor} read the report {subject}", "consultation"),
    "report.exported": Event("{actor} took away the report {subject}", "disclosure", says=("to",)),
    "report.published": Event("{actor} published {subject}", "disclosure", says=("to",)),
    "report.receiver_added": Event("{actor} had {subject} receive reports ({kind})", "alteration"),
    "report.receiver_ended": Event("{actor} had {subject} receive reports no more ({kind})", "alteration"),
    # Exercise
    "exercise.started": Event("{actor} started the exercise {subject}"),
    "exercise.stopped": Event("{actor} stopped the exercise {subject}"),
    "exercise.played": Event("Lines of the exercise {subject} were played: {count}"),
    "exercise.finished": Event("The exercise {subject} came to its end"),
    "exercise.marked": Event("{actor} read the marking of the exercise {subject}"),
    "exercise.scenario_begun": Event("{actor} began the scenario {subject}"),
    "exercise.scenario_imported": Event("{actor} brought in the scenario {subject} as a file: {lines} lines"),
    "exercise.scenario_exported": Event("{actor} took away the scenario {subject} as a file"),
    "exercise.scenario_changed": Event("{actor} changed the draft of the scenario {subject} ({what})"),
    "exercise.scenario_in_use": Event("{actor} put version {number} of the scenario {subject} in use"),
    "exercise.scenario_dropped": Event("{actor} gave up the draft of the scenario {subject}"),
    "exercise.scenario_retired": Event("{actor} retired the scenario {subject}"),
    "exercise.scenario_returned": Event("{actor} offered the scenario {subject} again"),
    "exercise.sheet_exported": Event(
        "{actor} took away the marked sheet of the exercise {subject}", "disclosure", says=("to",)
    ),
    "exercise.debriefed": Event("{actor} recorded the debrief of the exercise {subject}"),
    "exercise.profile_opened": Event("{actor} opened the profile {subject} on the exercise network"),
    "exercise.weather_set": Event("{actor} set the exercise network to “{weather}” for {subject}"),
    "exercise.published": Event("{subject} wrote on the exercise network"),
    "exercise.written_as_public": Event("{actor} wrote on the exercise network as {subject}"),
    "exercise.edited": Event("Words of {subject} on the exercise network were edited"),
    "exercise.deleted": Event("A message of {subject} on the exercise network was deleted"),
    "exercise.hidden": Event("{subject} hid a reply on the exercise network"),
    "exercise.excluded": Event("An official profile blocked or muted {subject} on the exercise network"),
    "exercise.readmitted": Event("An official profile let {subject} back on the exercise network"),
    "exercise.unhidden": Event("{subject} showed a hidden reply on the exercise network again"),
    # The platform itself
    "platform.fault": Event("{subject} could not be reached"),
    "account.deaf": Event("{subject} has become deaf: nothing of it is read"),
    "quarantine.viewed": Event("{actor} looked at messages that could not be read", "consultation"),
    "quarantine.replayed": Event("{actor} mended and read a message from {subject} again", "alteration"),
    "platform.recovered": Event("{subject} answers again"),
    "incident.begun": Event("{actor} began to tell the public of an incident: {subject}"),
    "incident.update_submitted": Event("{actor} sent update {number} of {subject} for approval"),
    "incident.update_agreed": Event("{actor} said the first of two yeses to update {number} of {subject}"),
    "incident.update_published": Event("{actor} approved update {number} of {subject}: it is public"),
    "incident.update_returned": Event("{actor} returned update {number} of {subject}"),
    "incident.update_withdrawn": Event("{actor} withdrew update {number} of {subject} from our pages"),
    "incident.ended": Event("{actor} ended the incident {subject} on our pages"),
    "import.read": Event("{actor} read {rows} lines of {product} to bring in: {subject}", "collection"),
    "import.mapped": Event("{actor} looked at what a file of {product} comes to: {subject}"),
    "import.applied": Event("{actor} brought in {new} lines of {product}: {subject}", "collection"),
    "import.undone": Event(
        "{actor} took back what came in of {product}: {subject}, {count} records", "erasure"
    ),
    "import.emptied": Event("{count} files of other products that nobody brought in were emptied", "erasure"),
    "comments.imported": Event("{actor} brought in {count} past messages to {subject}", "collection"),
    "export.begun": Event("{actor} began to export everything to {to}", "disclosure", says=("to",)),
    "export.finished": Event(
        "{actor} exported everything to {to}: {rows} rows and {files} stored files",
        "disclosure",
        says=("to",),
    ),
    "export.failed": Event("The export of everything to {to} by {actor} was broken off", says=("to",)),
}

RESTRICTED = frozenset(name for name, event in EVENTS.items() if event.restricted)
"""Events that only holders of the power “handle_conduct” may read, count or export, or stream anywhere."""
