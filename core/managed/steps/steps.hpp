// Private to core/managed. The steps of one reconcile, each in a file of its name. Errors are those
// of the Kubernetes API and kCancelled; every answer of the cloud becomes a condition. Unless noted
// otherwise, functions that return Next return kGoOn to continue with the next step.
//
// A step runs on the thread of its reconcile; reconciles of different objects run concurrently.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/managed/policy.hpp>
#include <capstan/core/managed/steps/reconcile_context.hpp>

namespace capstan::managed {

// credentials.cpp: reads the Secret (or environment) and connects. Sets secret and cloud.
Result<Next> ReadCredentials(ReconcileContext& ctx);
// account.cpp: reads the account of the credentials and compares it with the record. Sets account
// and account_proven.
Result<Next> CheckAccount(ReconcileContext& ctx);
// What the user should do when it is unknown whether credentials belong to the recorded account.
std::string HowToProveAccount(const std::string& recorded);
// `what`, followed by the fact that the account of the credentials is unknown: the beginning of
// such a message.
std::string CannotTellAccount(const std::string& what, const std::string& recorded);

// other_objects.cpp: whether any object of `kind` in these namespaces (none given: all) matches.
Result<bool> AnyObject(kube::Client& client, const kube::Kind& kind, std::vector<std::string> namespaces,
                       const std::function<bool(const kube::Object&)>& matches, const Context& context);
// The credentials Secrets ("namespace/name") that an object names: in its spec, in its record, and
// for its deletion. SecretsUsed: the same while the object has our finalizer; otherwise empty.
std::set<std::string> SecretsNamed(const kube::Object& object, const external::KindInfo& info);
std::set<std::string> SecretsUsed(const kube::Object& object, const external::KindInfo& info);
// Whether an object of `kind` other than this reconcile's matches, in the namespaces that the
// operator manages.
Result<bool> AnyOther(ReconcileContext& ctx, const kube::Kind& kind,
                      const std::function<bool(const kube::Object&)>& matches);

// finalizer.cpp
Result<Next> EnsureFinalizer(ReconcileContext& ctx);
// Adds in-use to the Secret just read, and records that in status.external.
Status HoldSecret(ReconcileContext& ctx);
Status RemoveInUseFinalizer(kube::Client& client, const kube::Object& secret, const Context& context);
// Removes in-use unless another object with our finalizer names the Secret.
Status ReleaseSecret(ReconcileContext& ctx);
// The last step of a deletion.
Status DropFinalizer(ReconcileContext& ctx);

// intent.cpp: writes an intent for `step`, replacing any earlier one. kStop: the reply lacks it
// (CRDOutdated). Sets record.pending. `id` is that of an existing object: the one being adopted.
Result<Next> WriteIntent(ReconcileContext& ctx, const std::string& step, const std::string& id = "");
// Takes over an unknown outcome and waits for the settle window. kGoOn: the window has passed, and
// a Find may decide.
Result<Next> SettleIntent(ReconcileContext& ctx);
// Clears the intent of attempt `attempt`: nothing was created, or what was created has been
// observed.
Status ClearIntent(ReconcileContext& ctx);

// resolve_by_hand.cpp: applies the user's statement about an unknown outcome. kGoOn: it is decided,
// or a Find can decide.
Result<Next> ResolveByHand(ReconcileContext& ctx);
// Settles a pending create, by the user's statement or by time. kGoOn: none is pending any more, or
// a Find can decide.
Result<Next> SettleCreate(ReconcileContext& ctx);

// record_id.cpp: records `id` as the outcome of the current intent and clears it, with retries.
// kStop: another writer decided meanwhile.
Result<Next> RecordId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus);
// Records `id` without an intent: a conditional write.
Status ReplaceId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus);
Status EnsureMirror(ReconcileContext& ctx);

// find.cpp
struct Found {
  std::vector<external::Observed> ours;          // oldest first
  std::optional<external::Observed> name_taken;  // same name, not ours
  // Neither our tag nor our name: the provider is faulty.
  std::optional<external::Observed> stray;
  std::optional<external::Observed> foreign;  // our identity, another owner
};
Result<Found> FindOurs(ReconcileContext& ctx, const external::Identity& identity);
// Nothing is created, and names are not judged, by the answer of such a provider. Always kStop.
Result<Next> DoubtFind(ReconcileContext& ctx, const external::Observed& stray);
// nullopt if `observed` is ours to change; otherwise the reason why not (kIdentityTagMissing,
// kForeignOwner).
std::optional<Reason> NotOurs(const ReconcileContext& ctx, const external::Observed& observed);
std::string NotOursMessage(const ReconcileContext& ctx, const external::Observed& observed, Reason reason);

// create.cpp: intent, find, create, record.
Result<Next> Make(ReconcileContext& ctx);
// The user has to decide about the cloud object of an earlier object.
Next AwaitAdoption(ReconcileContext& ctx, const Mirror& mirror);

// claim.cpp: of all objects that want to adopt one id, one holds the claim.
struct Claim {
  std::optional<kube::Object> lease;  // as currently stored
  bool ours = false;
  std::string holder;  // which other object has it, for messages; empty: none that still exists
};
// Name of its Lease: a DNS subdomain, different for every id.
std::string ClaimName(const std::string& id);
Result<Claim> LookAtClaim(ReconcileContext& ctx, const std::string& id);
// False: another writer was faster.
Result<bool> TakeClaim(ReconcileContext& ctx, const std::string& id, const Claim& claim);
// Does nothing to a claim that is not ours.
Status ReleaseClaim(ReconcileContext& ctx, const std::string& id);

// adopt.cpp: which other object has it, by identity tag or by record, for messages. Empty: none.
Result<std::string> OtherOwner(ReconcileContext& ctx, const external::Observed& seen);
// Adopts the object in spec.adopt. REQUIRES: no id is recorded, and no create is pending unsettled.
Result<Next> AdoptExisting(ReconcileContext& ctx, const AdoptionRequest& requested);
// spec.adopt was removed while its adoption is pending: finds out the outcome. Always kStop.
Result<Next> ForgetAdoption(ReconcileContext& ctx);
// Records what an earlier attempt of ours created, without creating anything. kGoOn: there is
// nothing.
Result<Next> TakeOwn(ReconcileContext& ctx);

// pace.cpp: how often to observe, and how old an observation may be.
Duration Pace(ReconcileContext& ctx, bool moving);
Duration LookAge(ReconcileContext& ctx);
void LookAgainLater(ReconcileContext& ctx);
// LookAge of a stable object.
Duration RestingLookAge(const ManagedOptions& options);
// rest/quiet_look.cpp: observes without a request to Kubernetes. Returns the delay until the next
// look; nullopt: something changed or may have, and a full reconcile is needed.
std::optional<Duration> LookQuietly(Setting& setting, const kube::Object& cached, const Context& context);
// Stores what LookQuietly needs, if a full reconcile left nothing to do. Call after status was
// written.
void RememberRest(ReconcileContext& ctx);

// observe.cpp: observes, checks the identity, fills status. Sets observed and listed.
Result<Next> Observe(ReconcileContext& ctx);
// Like Observe, by a Get. REQUIRED right before a change if `listed` is set; the plan must then be
// made again.
Result<Next> ObserveByItself(ReconcileContext& ctx);
// The object from a list, or by a Get where a list does not suffice.
Result<SharedCloud::Seen> LookAt(ReconcileContext& ctx, const std::string& id);
Result<SharedCloud::Seen> GetByItself(ReconcileContext& ctx, const std::string& id);
// Puts it into the fields and condition Ready.
void Show(ReconcileContext& ctx, const external::Observed& observed);
// Our own object was observed with these credentials: the account is the recorded one.
void ProveAccount(ReconcileContext& ctx);
// lost.cpp: the recorded object is not there.
Result<Next> NotThere(ReconcileContext& ctx);
// adoption/refer.cpp: managementPolicy ReadOnly, by the rule in policy.hpp: observes the object
// referred to and shows it. REQUIRES: nothing is recorded, and nothing that this object created may
// exist in the cloud.
Result<Next> Refer(ReconcileContext& ctx);
// Makes condition Synced say that the object is only a reference; no plan is shown.
void ReportReference(ReconcileContext& ctx);
// requests.cpp: removes entries such as "capstan.dev/reset-count=pool-a" from their annotations.
// Entries that are not there, or not in a request annotation, are ignored.
Status UseUpRequests(ReconcileContext& ctx, const std::vector<std::string>& entries);
// carry_out.cpp: compares, and applies one step.
Result<Next> CarryOut(ReconcileContext& ctx);
// make_part.cpp: creates a part of the cloud object, as a step of the plan says, with the same
// protocol as the whole.
Result<Next> MakePart(ReconcileContext& ctx, const external::Step& step);
// publish_connection.cpp: the Secret with the connection details.
Result<Next> PublishConnection(ReconcileContext& ctx);
// notices.cpp: requests the cloud's notices; WriteStatus passes them on. Errors: kCancelled.
Status AskForNotices(ReconcileContext& ctx, const external::Observed& observed);

// associated.cpp: which resources created through the cloud object are removed with it, by
// spec.associatedResources, and which stay. kGoOn: that is known, and status in the object already
// showed all of it; kStop: it is shown now.
struct AssociatedDecision {
  std::vector<external::Associated> going, staying;
};
Result<Next> DecideAssociated(ReconcileContext& ctx, const std::string& id, AssociatedDecision& decision);
// Records what stays, and announces it in one Event, before the request to remove the cloud object.
Status AnnounceLeftBehind(ReconcileContext& ctx, const std::string& id,
                          const std::vector<external::Associated>& left);

// crd_deletion.cpp: an object that is deleted because its CRD is deleted removes nothing in the
// cloud. kGoOn: that is not the case, or --allow-crd-deletion is on.
Result<Next> SpareFromCrdDeletion(ReconcileContext& ctx);
// deletion.cpp
Result<Next> Remove(ReconcileContext& ctx);
// abandon.cpp: records what is abandoned, before it is.
Status RecordAbandoned(ReconcileContext& ctx, const std::string& id, const std::string& account,
                       const std::string& why);
// The same for resources created through cloud object `id`, which itself is removed.
Status RecordLeftBehind(ReconcileContext& ctx, const std::string& id,
                        const std::vector<external::Associated>& left);

// status.cpp: writes the status of the reconcile if it differs; Events for changed reasons.
Status WriteStatus(ReconcileContext& ctx);
// write_refused.cpp: a refusal of Kubernetes ended the reconcile. Reports it in condition Synced,
// or in an Event if status cannot be written; also in the log and a metric. True: status reports
// it. Other errors are left to the controller.
bool ReportWriteRefused(ReconcileContext& ctx, const Error& error);
// Whether a webhook or a policy refused, which it may do with any code.
bool DeniedByAdmission(const Error& error);
// The object cannot even be read: records an Event on the cached object.
void ReportReadRefused(ReconcileContext& ctx, const Error& error);

}  // namespace capstan::managed
