// Private to core/managed. The steps of one reconcile, each in the file of its name. Errors are those
// of the Kubernetes API and kCancelled; everything the cloud says ends in a condition.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/managed/policy.hpp>
#include <capstan/core/managed/steps/reconcile_context.hpp>

namespace capstan::managed {

// credentials.cpp: reads the Secret (or environment) and connects. Sets reconcile.secret, reconcile.cloud.
Result<Next> ReadCredentials(ReconcileContext& ctx);
// account.cpp: asks whom the credentials speak for and compares with the record. Sets
// reconcile.account, account_proven.
Result<Next> CheckAccount(ReconcileContext& ctx);

// other_objects.cpp: whether an object of `kind` other than this reconcile's matches, in the namespaces that
// the operator looks after.
Result<bool> AnyOther(ReconcileContext& ctx, const kube::Kind& kind,
                      const std::function<bool(const kube::Object&)>& matches);

// finalizer.cpp
Result<Next> EnsureFinalizer(ReconcileContext& ctx);
Status HoldSecret(ReconcileContext& ctx);  // in-use on the Secret just read; remembers it in status.external
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

// resolve_by_hand.cpp: what a person says about an unknown outcome. kGoOn: it is decided, or a Find can
// decide.
Result<Next> ResolveByHand(ReconcileContext& ctx);

// record_id.cpp: records `id` as the outcome of the present intent, and clears it; retried. kStop:
// somebody else decided meanwhile.
Result<Next> RecordId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus);
// The same without an intent: a conditional write.
Status ReplaceId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus);
Status EnsureMirror(ReconcileContext& ctx);

// find.cpp
struct Found {
  std::vector<external::Observed> ours;          // oldest first
  std::optional<external::Observed> name_taken;  // same name, not ours
  std::optional<external::Observed> foreign;     // our identity, another owner
};
Result<Found> FindOurs(ReconcileContext& ctx, const external::Identity& identity);
// Whether `observed` is ours to change; else the reason it is not (kIdentityTagMissing,
// kForeignOwner).
std::optional<Reason> NotOurs(const ReconcileContext& ctx, const external::Observed& observed);
std::string NotOursMessage(const ReconcileContext& ctx, const external::Observed& observed, Reason reason);

// create.cpp: intent, find, create, record.
Result<Next> Make(ReconcileContext& ctx);
Next AwaitAdoption(ReconcileContext& ctx,
                   const Mirror& mirror);  // an earlier object's cloud object is to be decided on

// claim.cpp: of all objects that want to adopt one id, one has the claim.
struct Claim {
  std::optional<kube::Object> lease;  // as it stands
  bool ours = false;
  std::string holder;  // who else has it, for people; empty: nobody who is still there
};
// The name of its Lease: a DNS subdomain, and another one for every other id.
std::string ClaimName(const std::string& id);
Result<Claim> LookAtClaim(ReconcileContext& ctx, const std::string& id);
// False: somebody was faster.
Result<bool> TakeClaim(ReconcileContext& ctx, const std::string& id, const Claim& claim);
// Nothing happens to a claim that is not ours.
Status ReleaseClaim(ReconcileContext& ctx, const std::string& id);

// adopt.cpp: takes over what spec.adopt names. REQUIRES: no id is recorded, no create is pending
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

// observe.cpp: a look, identity, what status shows. Sets reconcile.observed, listed.
Result<Next> Observe(ReconcileContext& ctx);
// The same by a Get. REQUIRED right before a change, if reconcile.listed; the plan is then made again.
Result<Next> ObserveByItself(ReconcileContext& ctx);
// The object as a list shows it, or by a Get where that would not do.
Result<Observer::Seen> LookAt(ReconcileContext& ctx, const std::string& id);
Result<Observer::Seen> GetByItself(ReconcileContext& ctx, const std::string& id);
void Show(ReconcileContext& ctx,
          const external::Observed& observed);  // puts it into the fields and condition Ready
void ProveAccount(
    ReconcileContext&
        ctx);  // our own object was seen with these credentials: the account is the recorded one
// lost.cpp: the recorded object is not there.
Result<Next> NotThere(ReconcileContext& ctx);
// carry_out.cpp: what differs, and one step against it.
Result<Next> CarryOut(ReconcileContext& ctx);
// make_part.cpp: makes a part of the whole, as a step of the plan says, under the protocol of the whole.
Result<Next> MakePart(ReconcileContext& ctx, const external::Step& step);
// publish_connection.cpp: the Secret that says how to reach it.
Result<Next> PublishConnection(ReconcileContext& ctx);
// notices.cpp: asks what the cloud has to tell; WriteStatus passes it on. Errors: kCancelled.
Status AskForNotices(ReconcileContext& ctx, const external::Observed& observed);

// associated.cpp: what goes with the cloud object, by spec.associatedResources. kGoOn: `options`
// names it, and status in the object showed all of it; kStop: it is shown now.
Result<Next> DecideAssociated(ReconcileContext& ctx, const std::string& id, external::DeleteOptions& options);

// crd_deletion.cpp: the object goes because its CRD goes, for which nothing is removed in the
// cloud. kGoOn: it does not, or --allow_crd_deletion is on.
Result<Next> SpareFromCrdDeletion(ReconcileContext& ctx);
// deletion.cpp
Result<Next> Remove(ReconcileContext& ctx);
// abandon.cpp: writes down what is let go, before it is.
Status RecordAbandoned(ReconcileContext& ctx, const std::string& id, const std::string& account,
                       const std::string& why);

// status.cpp: writes what the reconcile has to say, if that differs; events for changed reasons.
Status WriteStatus(ReconcileContext& ctx);

}  // namespace capstan::managed
