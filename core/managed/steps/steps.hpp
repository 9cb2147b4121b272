// Private to core/managed. The steps of one reconcile, each in the file of its name. Errors are
// those of the Kubernetes API and kCancelled; everything the cloud says ends in a condition.
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

// credentials.cpp: reads the Secret (or environment) and connects. Sets reconcile.secret,
// reconcile.cloud.
Result<Next> ReadCredentials(ReconcileContext& ctx);
// account.cpp: asks whom the credentials speak for and compares with the record. Sets
// reconcile.account, account_proven.
Result<Next> CheckAccount(ReconcileContext& ctx);
// What a person does when it is unknown whether credentials belong to the recorded account.
std::string HowToProveAccount(const std::string& recorded);
// `what` and that the account of the credentials is unknown: the head of such a message.
std::string CannotTellAccount(const std::string& what, const std::string& recorded);

// other_objects.cpp: whether an object of `kind` matches, in these namespaces (none: in all).
Result<bool> AnyObject(kube::Client& client, const kube::Kind& kind, std::vector<std::string> namespaces,
                       const std::function<bool(const kube::Object&)>& matches, const Context& context);
// The Secrets with credentials that an object names, "namespace/name": in its spec, in its record,
// and for its deletion. And those that it uses: all of them, while it has something to lose.
std::set<std::string> SecretsNamed(const kube::Object& object, const external::KindInfo& info);
std::set<std::string> SecretsUsed(const kube::Object& object, const external::KindInfo& info);
// Whether an object of `kind` other than this reconcile's matches, in the namespaces that the
// operator looks after.
Result<bool> AnyOther(ReconcileContext& ctx, const kube::Kind& kind,
                      const std::function<bool(const kube::Object&)>& matches);

// finalizer.cpp
Result<Next> EnsureFinalizer(ReconcileContext& ctx);
Status HoldSecret(ReconcileContext& ctx);  // in-use on the Secret just read; remembers it in status.external
Status TakeInUseOff(kube::Client& client, const kube::Object& secret, const Context& context);
Status ReleaseSecret(ReconcileContext& ctx);  // unless another object with our finalizer names it
Status DropFinalizer(ReconcileContext& ctx);  // the last thing that happens

// intent.cpp: writes an intent for `step` over what is there. kStop: the reply lacks it
// (CRDOutdated). Sets reconcile.record.pending. `id` is of what exists already: what is adopted.
Result<Next> WriteIntent(ReconcileContext& ctx, const std::string& step, const std::string& id = "");
// Takes an unknown outcome over and waits for the settle window. kGoOn: it has passed, a Find may
// decide.
Result<Next> SettleIntent(ReconcileContext& ctx);
// Clears the intent of attempt `attempt`: nothing was made, or what was made is seen.
Status ClearIntent(ReconcileContext& ctx);

// resolve_by_hand.cpp: what a person says about an unknown outcome. kGoOn: it is decided, or a Find
// can decide.
Result<Next> ResolveByHand(ReconcileContext& ctx);
// What became of a create that is still open, by a person or by time. kGoOn: none is open any more,
// or a Find can decide.
Result<Next> SettleCreate(ReconcileContext& ctx);

// record_id.cpp: records `id` as the outcome of the present intent, and clears it; retried. kStop:
// another writer decided meanwhile.
Result<Next> RecordId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus);
// The same without an intent: a conditional write.
Status ReplaceId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus);
Status EnsureMirror(ReconcileContext& ctx);

// find.cpp
struct Found {
  std::vector<external::Observed> ours;          // oldest first
  std::optional<external::Observed> name_taken;  // same name, not ours
  std::optional<external::Observed> stray;       // neither our tag nor our name: the provider is wrong
  std::optional<external::Observed> foreign;     // our identity, another owner
};
Result<Found> FindOurs(ReconcileContext& ctx, const external::Identity& identity);
// Nothing is made or concluded about names on the word of such a provider. kStop always.
Result<Next> DoubtFind(ReconcileContext& ctx, const external::Observed& stray);
// Whether `observed` is ours to change; else the reason it is not (kIdentityTagMissing,
// kForeignOwner).
std::optional<Reason> NotOurs(const ReconcileContext& ctx, const external::Observed& observed);
std::string NotOursMessage(const ReconcileContext& ctx, const external::Observed& observed, Reason reason);

// create.cpp: intent, find, create, record.
Result<Next> Make(ReconcileContext& ctx);
// An earlier object's cloud object is to be decided on.
Next AwaitAdoption(ReconcileContext& ctx, const Mirror& mirror);

// claim.cpp: of all objects that want to adopt one id, one has the claim.
struct Claim {
  std::optional<kube::Object> lease;  // as it stands
  bool ours = false;
  std::string holder;  // who else has it, for people; empty: nobody who is still there
};
// The name of its Lease: a DNS subdomain, and another one for every other id.
std::string ClaimName(const std::string& id);
Result<Claim> LookAtClaim(ReconcileContext& ctx, const std::string& id);
// False: another writer was faster.
Result<bool> TakeClaim(ReconcileContext& ctx, const std::string& id, const Claim& claim);
// Nothing happens to a claim that is not ours.
Status ReleaseClaim(ReconcileContext& ctx, const std::string& id);

// adopt.cpp: who else has it: the object whose identity tag it carries, or whose record names it,
// for people. Empty: nobody.
Result<std::string> OtherOwner(ReconcileContext& ctx, const external::Observed& seen);
// Takes over what spec.adopt names. REQUIRES: no id is recorded, no create is pending
// unsettled.
Result<Next> AdoptExisting(ReconcileContext& ctx, const AdoptionWish& wish);
// The wish of a pending adoption is gone: finds out what became of it. kStop always.
Result<Next> ForgetAdoption(ReconcileContext& ctx);
// Records what an earlier attempt of ours made, without making anything. kGoOn: there is nothing.
Result<Next> TakeOwn(ReconcileContext& ctx);

// pace.cpp: how often to look, and how old a look may be.
Duration Pace(ReconcileContext& ctx, bool moving);
Duration LookAge(ReconcileContext& ctx);
void LookAgainLater(ReconcileContext& ctx);
Duration RestingLookAge(const ManagedOptions& options);  // LookAge of what rests
// rest/quiet_look.cpp: a look that nothing of Kubernetes is read for. When to look again; nothing:
// something is not as it was, or may not be, and all is read afresh.
std::optional<Duration> LookQuietly(Setting& setting, const kube::Object& cached, const Context& context);
// What LookQuietly needs, if a reconcile that read everything afresh left nothing to do. After
// status was written.
void RememberRest(ReconcileContext& ctx);

// observe.cpp: a look, identity, what status shows. Sets reconcile.observed, listed.
Result<Next> Observe(ReconcileContext& ctx);
// The same by a Get. REQUIRED right before a change, if reconcile.listed; the plan is then made
// again.
Result<Next> ObserveByItself(ReconcileContext& ctx);
// The object as a list shows it, or by a Get where that would not do.
Result<SharedCloud::Seen> LookAt(ReconcileContext& ctx, const std::string& id);
Result<SharedCloud::Seen> GetByItself(ReconcileContext& ctx, const std::string& id);
// Puts it into the fields and condition Ready.
void Show(ReconcileContext& ctx, const external::Observed& observed);
// Our own object was seen with these credentials: the account is the recorded one.
void ProveAccount(ReconcileContext& ctx);
// lost.cpp: the recorded object is not there.
Result<Next> NotThere(ReconcileContext& ctx);
// adoption/refer.cpp: managementPolicy ReadOnly, by policy.hpp's rule: looks at what the object
// refers to, and shows it. REQUIRES: nothing is recorded, and nothing may be out there that this
// object made.
Result<Next> Refer(ReconcileContext& ctx);
// Condition Synced says that the object is only a reference, and no plan is shown.
void TellReference(ReconcileContext& ctx);
// requests.cpp: takes entries, "capstan.dev/reset-count=pool-a", out of their annotations; what is
// not there, or is no request annotation, is left.
Status UseUpRequests(ReconcileContext& ctx, const std::vector<std::string>& entries);
// carry_out.cpp: what differs, and one step against it.
Result<Next> CarryOut(ReconcileContext& ctx);
// make_part.cpp: makes a part of the whole, as a step of the plan says, under the protocol of the
// whole.
Result<Next> MakePart(ReconcileContext& ctx, const external::Step& step);
// publish_connection.cpp: the Secret that says how to reach it.
Result<Next> PublishConnection(ReconcileContext& ctx);
// notices.cpp: asks what the cloud has to tell; WriteStatus passes it on. Errors: kCancelled.
Status AskForNotices(ReconcileContext& ctx, const external::Observed& observed);

// associated.cpp: what was made through the cloud object and goes with it, by
// spec.associatedResources, or stays. kGoOn: it is known, and status in the object showed all of
// it; kStop: it is shown now.
struct Belongings {
  std::vector<external::Associated> going, staying;
};
Result<Next> DecideAssociated(ReconcileContext& ctx, const std::string& id, Belongings& belongings);
// Writes down what stays, and tells it in one Event, before the request to remove the cloud object.
Status TellLeftBehind(ReconcileContext& ctx, const std::string& id,
                      const std::vector<external::Associated>& left);

// crd_deletion.cpp: the object goes because its CRD goes, for which nothing is removed in the
// cloud. kGoOn: it does not, or --allow-crd-deletion is on.
Result<Next> SpareFromCrdDeletion(ReconcileContext& ctx);
// deletion.cpp
Result<Next> Remove(ReconcileContext& ctx);
// abandon.cpp: writes down what is let go, before it is.
Status RecordAbandoned(ReconcileContext& ctx, const std::string& id, const std::string& account,
                       const std::string& why);
// The same for what was created through cloud object `id`, which itself is removed.
Status RecordLeftBehind(ReconcileContext& ctx, const std::string& id,
                        const std::vector<external::Associated>& left);

// status.cpp: writes what the reconcile has to say, if that differs; events for changed reasons.
Status WriteStatus(ReconcileContext& ctx);
// write_refused.cpp: when a refusal of Kubernetes has ended the reconcile: condition Synced says
// so, or an Event where status cannot be written; and the log, and a metric. True: status says so.
// Other errors are the controller's to tell.
bool TellWriteRefused(ReconcileContext& ctx, const Error& error);
// Whether a webhook or a policy said no, which it may do with any code.
bool DeniedByAdmission(const Error& error);
// When the object cannot even be read: an Event on it as the cache has it.
void TellReadRefused(ReconcileContext& ctx, const Error& error);

}  // namespace capstan::managed
