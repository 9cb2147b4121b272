// Private to core/managed. ReconcileContext is one call of Reconcile: the object as it was read
// fresh, what is known about the cloud, and what its status will say. The steps work on it in turn.
// One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/managed/memory/recorded_cloud.hpp>
#include <capstan/core/managed/options.hpp>
#include <capstan/core/managed/reasons.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/managed/record.hpp>

namespace capstan::managed {

class CloudPool;
class LastLooks;
class NoticeTimes;
class RefusedCredentials;
class Rests;

// What all reconciles of one reconciler share. Constant, except what is behind pointers, which is
// thread-safe.
struct Setting {
  external::KindInfo info;
  kube::Kind kind;
  ManagedParts parts;
  ManagedOptions options;
  std::unique_ptr<CloudPool> cloud_pool;
  std::unique_ptr<LastLooks> looks;
  std::unique_ptr<RefusedCredentials> refused_credentials;
  std::unique_ptr<NoticeTimes> notice_times;
  std::unique_ptr<Rests> rests;
};

// What each line about one reconcile says: its plugin, and the trace it is of.
std::vector<LogField> FieldsOf(const Setting& setting, const Context& call);

// Up to a tenth sooner, so that objects spread out.
Duration Spread(Duration delay, Random& random);

// What a step says to the flow.
enum class Next {
  kGoOn,  // with the next step
  kStop,  // all that can be done now is done; status says why
};

// Takes a step, a Result<Next>, and returns from the calling function when that stops the flow or
// fails.
#define CAPSTAN_STEP(...)                                                                       \
  do {                                                                                          \
    auto capstan_next = ::capstan::Result<::capstan::managed::Next>(__VA_ARGS__);               \
    if (!capstan_next || *capstan_next == ::capstan::managed::Next::kStop) return capstan_next; \
  } while (false)

struct Condition {
  std::string status;  // "True", "False", "Unknown"
  Reason reason;
  std::string message;
};

class ReconcileContext {
 public:
  ReconcileContext(Setting& shared, kube::Object fresh, const Context& call);

  // The object changes: each of these takes the server's reply as the newest version. Errors: those
  // of Client::Patch.
  //
  // A merge patch of .status carrying our resourceVersion; `status` is the content of .status.
  Status PatchStatus(const Poco::JSON::Object::Ptr& status, const char* effect = "write status");
  // A merge patch of the object itself carrying our resourceVersion.
  Status PatchObject(const Poco::JSON::Object::Ptr& fields);
  // A JSON patch of the status: `operations` is the text of the array. It must test the uid itself.
  Status PatchStatusByTest(const std::string& operations);
  // Reads the object again. kNotFound when it is gone; another uid counts as gone.
  Status ReadAgain();

  void Ready(std::string status, Reason reason, std::string message);
  void Synced(std::string status, Reason reason, std::string message);
  // Synced=False, and requeues after `delay`. Returns kStop.
  Next Blocked(Reason reason, std::string message, Duration delay);
  // The same, later each time in a row that this is the reason.
  Next BackOff(Reason reason, std::string message);
  // The same for an answer of the cloud, with the reason its code asks for. A quota that is used up
  // for a moment is not said: the condition stays as it is for refusal_patience. kCancelled comes
  // back as an error.
  Result<Next> Trouble(const Error& error, const std::string& doing);
  // The same for a refused request that makes or changes something.
  Result<Next> Refused(const Error& error, Reason reason, const std::string& doing);
  // Looks again after `delay`, or sooner if something else asked for that; up to a tenth sooner to
  // spread objects.
  void Again(Duration delay);
  // Counts one more failure of `operation` in a row, and gives how long to leave it alone: twice as
  // long each time, within the options' limits. How old a condition is does not matter: the first
  // failure of an operation is tried again soon.
  Duration BackoffDelay(const std::string& operation);
  // Since when the condition in the object has its present status; nothing when it is not there.
  std::optional<Duration> ConditionAge(std::string_view type) const;
  std::string ConditionReason(std::string_view type) const;

  // Whether the lease outlasts a request that changes something and starts now. Without it status
  // is left alone.
  bool MayChange();
  // What the reconciler was made with.
  const external::KindInfo& info() const { return setting.info; }
  const kube::Kind& kind() const { return setting.kind; }
  const ManagedOptions& options() const { return setting.options; }
  kube::Client& client() const { return setting.parts.client; }
  Scheduler& scheduler() const { return setting.parts.scheduler; }
  Random& random() const { return setting.parts.random; }
  const runtime::Fence& fence() const { return setting.parts.fence.Of(object.uid()); }
  runtime::EventRecorder& events() const { return setting.parts.events; }
  Log& log() const { return log_; }
  Instant now() const { return setting.parts.scheduler.Now(); }

  // The API server's time, as every time in status is.
  WallTime server_time() const { return setting.parts.client.ServerTime(); }
  std::string Stamp() const { return FormatRfc3339Micro(server_time()); }
  // A context with the deadline of cloud reads; as urgent as what the reconcile is about.
  Context Reading() const;
  Context Reading(Urgency urgency) const;
  Context Changing() const;  // a context with the deadline of a change
  // {"name","namespace","uid","spec"} for the External.
  std::string Desired() const;
  std::string What() const;  // "DigitalOceanCluster default/a" for messages
  // The cloud object that is looked at: the recorded one, else the one that is only referred to.
  const std::string& looked_at() const { return record.id.empty() ? reference : record.id; }
  std::string Holder() const { return setting.parts.fence.holder(); }

  Setting& setting;

 private:
  mutable FieldedLog log_;  // before `notes`, which writes to it

 public:
  const Context& context;
  kube::Object object;
  Record record;
  external::Identity identity;
  EffectNotes notes;  // what this object asks and writes is noted here

  // Known after the step that finds it out.
  RecordedCloud cloud;
  std::string account;          // whom the credentials speak for: an id, or "credentials:<fingerprint>"
  bool account_proven = false;  // the same as the recorded one, so that "not found" means something
  std::optional<kube::Object> secret;  // the credentials Secret
  std::string reference;  // managementPolicy ReadOnly: the id of what the object refers to; never recorded
  std::optional<external::Observed> observed;
  bool waits = false;                     // the plan waits for the cloud, whatever the phase says
  std::vector<external::Notice> notices;  // passed on as Events once status has noted them
  std::string credentials;                // their fingerprint
  bool listed = false;  // `observed` is from a list: before a change the object is got by itself
  std::optional<kube::Object> connection_secret;  // as it was read or written last
  std::optional<Instant> renew_at;                // when its content is to be fetched again

  // What status will say.
  std::map<std::string, Condition> conditions;
  Poco::JSON::Object::Ptr fields;  // of .status: what the provider reports, and what we show of the record
  Poco::JSON::Object::Ptr external_changes;  // of .status.external; null removes
  std::optional<Duration> again;
  std::string wrote;          // the last resourceVersion we wrote
  bool gone = false;          // the object is no more (or no longer ours to write)
  std::string write_refused;  // what could not be written last: "status", "metadata"; empty: all could
  bool refused = false;       // the quota did not allow what this reconcile wanted to ask
  bool denied = false;        // the cloud refused something, and condition Synced says it
  bool failed = false;        // something failed, and its backoff goes on growing
  bool settled = false;       // all steps went through, and the connection is as desired

 private:
  // Whether to keep quiet about a refusal by the quota that ends after `wait`.
  bool ToleratesRefusal(Duration wait);
  Status Adopt(Result<kube::Object> reply, const char* what);
  bool IsStillThere();
};

}  // namespace capstan::managed
