// Private to core/managed. The steps of one visit, each in the file of its name. Errors are those
// of the Kubernetes API and kCancelled; everything the cloud says ends in a condition.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/managed/policy.hpp>
#include <capstan/core/managed/steps/visit.hpp>

namespace capstan::managed {

// credentials.cpp: reads the Secret (or environment) and connects. Sets visit.secret, visit.cloud.
Result<Next> ReadCredentials(Visit& visit);
// account.cpp: asks whom the credentials speak for and compares with the record. Sets
// visit.account, account_proven.
Result<Next> CheckAccount(Visit& visit);

// others.cpp Whether an object of `kind` other than this visit's matches, in the namespaces that
// the operator looks after.
Result<bool> AnyOther(Visit& visit, const kube::Kind& kind,
                      const std::function<bool(const kube::Object&)>& matches);

// finalizer.cpp
Result<Next> EnsureFinalizer(Visit& visit);
Status HoldSecret(Visit& visit);     // in-use on the Secret just read; remembers it in status.external
Status ReleaseSecret(Visit& visit);  // unless another object with our finalizer names it
Status DropFinalizer(Visit& visit);  // the last thing that happens

// intent.cpp Writes an intent for `step` over what is there. kStop: the reply lacks it
// (CRDOutdated). Sets visit.record.pending. `id` is of what exists already: what is adopted.
Result<Next> WriteIntent(Visit& visit, const std::string& step, const std::string& id = "");
// Takes an unknown outcome over and waits for the settle window. kGoOn: it has passed, a Find may
// decide.
Result<Next> SettleIntent(Visit& visit);
// Clears the intent of attempt `attempt`: nothing was made, or what was made is seen.
Status ClearIntent(Visit& visit);

// resolve.cpp: what a person says about an unknown outcome. kGoOn: it is decided, or a Find can
// decide.
Result<Next> ResolveByHand(Visit& visit);

// record_id.cpp Records `id` as the outcome of the present intent, and clears it; retried. kStop:
// somebody else decided meanwhile.
Result<Next> RecordId(Visit& visit, const std::string& id, const std::vector<std::string>& surplus);
// The same without an intent: a conditional write.
Status ReplaceId(Visit& visit, const std::string& id, const std::vector<std::string>& surplus);
Status EnsureMirror(Visit& visit);

// find.cpp
struct Found {
  std::vector<external::Observed> ours;          // oldest first
  std::optional<external::Observed> name_taken;  // same name, not ours
  std::optional<external::Observed> foreign;     // our identity, another owner
};
Result<Found> FindOurs(Visit& visit, const external::Identity& identity);
// Whether `observed` is ours to change; else the reason it is not (kIdentityTagMissing,
// kForeignOwner).
std::optional<Reason> NotOurs(const Visit& visit, const external::Observed& observed);
std::string NotOursMessage(const Visit& visit, const external::Observed& observed, Reason reason);

// create.cpp: intent, find, create, record.
Result<Next> Make(Visit& visit);
Next AwaitAdoption(Visit& visit,
                   const Mirror& mirror);  // an earlier object's cloud object is to be decided on

// claim.cpp: of all objects that want to adopt one id, one has the claim.
struct Claim {
  std::optional<kube::Object> lease;  // as it stands
  bool ours = false;
  std::string holder;  // who else has it, for people; empty: nobody who is still there
};
// The name of its Lease: a DNS subdomain, and another one for every other id.
std::string ClaimName(const std::string& id);
Result<Claim> LookAtClaim(Visit& visit, const std::string& id);
// False: somebody was faster.
Result<bool> TakeClaim(Visit& visit, const std::string& id, const Claim& claim);
// Nothing happens to a claim that is not ours.
Status ReleaseClaim(Visit& visit, const std::string& id);

// adopt.cpp: takes over what spec.adopt names. REQUIRES: no id is recorded, no create is pending
// unsettled.
Result<Next> AdoptExisting(Visit& visit, const AdoptionWish& wish);
// The wish of a pending adoption is gone: finds out what became of it. kStop always.
Result<Next> ForgetAdoption(Visit& visit);
// Records what an earlier attempt of ours made, without making anything. kGoOn: there is nothing.
Result<Next> TakeOwn(Visit& visit);

// pace.cpp: how often to look, and how old a look may be.
Duration Pace(Visit& visit, bool moving);
Duration LookAge(Visit& visit);
void LookAgainLater(Visit& visit);

// observe.cpp: a look, identity, what status shows. Sets visit.observed, listed.
Result<Next> Observe(Visit& visit);
// The same by a Get. REQUIRED right before a change, if visit.listed; the plan is then made again.
Result<Next> ObserveByItself(Visit& visit);
// The object as a list shows it, or by a Get where that would not do.
Result<Observer::Seen> LookAt(Visit& visit, const std::string& id);
Result<Observer::Seen> GetByItself(Visit& visit, const std::string& id);
void Show(Visit& visit, const external::Observed& observed);  // puts it into the fields and condition Ready
void ProveAccount(
    Visit& visit);  // our own object was seen with these credentials: the account is the recorded one
// lost.cpp: the recorded object is not there.
Result<Next> NotThere(Visit& visit);
// plan.cpp: what differs, and one step against it.
Result<Next> CarryOut(Visit& visit);
// part.cpp: makes a part of the whole, as a step of the plan says, under the protocol of the whole.
Result<Next> MakePart(Visit& visit, const external::Step& step);
// connection.cpp: the Secret that says how to reach it.
Result<Next> PublishConnection(Visit& visit);
// notices.cpp: asks what the cloud has to tell; WriteStatus passes it on. Errors: kCancelled.
Status AskForNotices(Visit& visit, const external::Observed& observed);

// associated.cpp: what goes with the cloud object, by spec.associatedResources. kGoOn: `options`
// names it, and status in the object showed all of it; kStop: it is shown now.
Result<Next> DecideAssociated(Visit& visit, const std::string& id, external::DeleteOptions& options);

// crd_deletion.cpp: the object goes because its CRD goes, for which nothing is removed in the
// cloud. kGoOn: it does not, or --allow_crd_deletion is on.
Result<Next> SpareFromCrdDeletion(Visit& visit);
// deletion.cpp
Result<Next> Remove(Visit& visit);
// abandon.cpp: writes down what is let go, before it is.
Status RecordAbandoned(Visit& visit, const std::string& id, const std::string& account,
                       const std::string& why);

// status.cpp: writes what the visit has to say, if that differs; events for changed reasons.
Status WriteStatus(Visit& visit);

}  // namespace capstan::managed
