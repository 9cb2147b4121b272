// Private to core/managed. ReconcileContext is the state of one call of Reconcile: the freshly read
// object, what is known about the cloud, and the status to be written. The steps modify it one
// after the other. Used by one thread.
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
class LastReconciles;
class NoticeTimes;
class RefusedCredentials;
class StableObjects;

// Shared by all reconciles of one reconciler. Constant, except for what the pointers refer to,
// which is thread-safe.
struct Setting {
  external::KindInfo info;
  kube::Kind kind;
  ManagedParts parts;
  ManagedOptions options;
  std::unique_ptr<CloudPool> cloud_pool;
  std::unique_ptr<LastReconciles> last_reconciles;
  std::unique_ptr<RefusedCredentials> refused_credentials;
  std::unique_ptr<NoticeTimes> notice_times;
  std::unique_ptr<StableObjects> stable_objects;
};

// The fields of every log line about one reconcile: its plugin and its trace.
std::vector<LogField> FieldsOf(const Setting& setting, const Context& call);

// Shortens the delay by up to a tenth, so that objects spread out.
Duration Spread(Duration delay, Random& random);

// How the flow continues after a step.
enum class Next {
  kGoOn,  // with the next step
  kStop,  // nothing more can be done now; status says why
};

// Runs a step, a Result<Next>, and returns from the calling function if it stops the flow or fails.
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

  // Changes of the object. Each takes the server's reply as the newest version. Errors: those of
  // Client::Patch.
  //
  // A merge patch of .status carrying our resourceVersion; `status` is the content of .status.
  Status PatchStatus(const Poco::JSON::Object::Ptr& status, const char* effect = "write status");
  // A merge patch of the object itself, carrying our resourceVersion.
  Status PatchObject(const Poco::JSON::Object::Ptr& fields);
  // A JSON patch of the status: `operations` is the text of the array. It must test the uid itself.
  Status PatchStatusByTest(const std::string& operations);
  // Reads the object again. kNotFound if it is gone; another uid counts as gone.
  Status ReadAgain();

  void Ready(std::string status, Reason reason, std::string message);
  void Synced(std::string status, Reason reason, std::string message);
  // Sets Synced=False and requeues after `delay`. Returns kStop.
  Next Blocked(Reason reason, std::string message, Duration delay);
  // Like Blocked, with a delay that grows each consecutive time with this reason.
  Next BackOff(Reason reason, std::string message);
  // Like BackOff for an error of the cloud, with the reason of its code. A quota that is exhausted
  // only for a moment is not reported: the condition stays unchanged for refusal_patience.
  // kCancelled is returned as an error.
  Result<Next> Trouble(const Error& error, const std::string& doing);
  // Like Trouble for a refused request that creates or changes something.
  Result<Next> Refused(const Error& error, Reason reason, const std::string& doing);
  // Requeues after `delay`, or sooner if that was requested before; shortened by up to a tenth to
  // spread objects.
  void Again(Duration delay);
  // Counts one more consecutive failure of `operation` and returns its backoff: doubles each time,
  // within the options' limits. The age of a condition does not matter: the first failure of an
  // operation is retried soon.
  Duration BackoffDelay(const std::string& operation);
  // How long the condition in the object has had its present status; nullopt if it does not exist.
  std::optional<Duration> ConditionAge(std::string_view type) const;
  std::string ConditionReason(std::string_view type) const;

  // Whether the lease outlasts a changing request that starts now. If not, requeues after a second
  // and leaves the conditions unchanged.
  bool MayChange();
  // The reconciler's dependencies and settings.
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

  // The API server's time, which is used for every time in status.
  WallTime server_time() const { return setting.parts.client.ServerTime(); }
  std::string Stamp() const { return FormatRfc3339Micro(server_time()); }
  // A context with the deadline of cloud reads, as urgent as the purpose of the reconcile.
  Context Reading() const;
  Context Reading(Urgency urgency) const;
  Context Changing() const;  // a context with the deadline of a change
  // {"name","namespace","uid","spec"} for the External.
  std::string Desired() const;
  std::string What() const;  // "DigitalOceanCluster default/a", for messages
  // The id of the cloud object to observe: the recorded one, otherwise the one referred to.
  const std::string& looked_at() const { return record.id.empty() ? reference : record.id; }
  std::string Holder() const { return setting.parts.fence.holder(); }

  Setting& setting;

 private:
  mutable FieldedLog log_;  // declared before `notes`, which writes to it

 public:
  const Context& context;
  kube::Object object;
  Record record;
  external::Identity identity;
  EffectNotes notes;  // records this object's requests and writes

  // Set by the step that determines it.
  RecordedCloud cloud;
  // Who the credentials act for: an id, or "credentials:<fingerprint>".
  std::string account;
  // It is the recorded account, so that "not found" is meaningful.
  bool account_proven = false;
  std::optional<kube::Object> secret;  // the credentials Secret
  // With managementPolicy ReadOnly: the id of the object referred to; never recorded.
  std::string reference;
  std::optional<external::Observed> observed;
  bool waits = false;                     // the plan waits for the cloud, whatever the phase says
  std::vector<external::Notice> notices;  // become Events once status has recorded them
  std::string credentials;                // their fingerprint
  // `observed` is from a list: a Get is needed before a change.
  bool listed = false;
  std::optional<kube::Object> connection_secret;  // as last read or written
  std::optional<Instant> renew_at;                // when its content must be fetched again

  // The status to be written.
  std::map<std::string, Condition> conditions;
  // Of .status: what the provider reports, and what we show of the record.
  Poco::JSON::Object::Ptr fields;
  Poco::JSON::Object::Ptr external_changes;  // of .status.external; null removes a field
  std::optional<Duration> again;
  std::string wrote;          // resourceVersion of our last write
  bool gone = false;          // the object no longer exists (or is no longer ours to write)
  std::string write_refused;  // what could not be written: "status", "metadata"; empty: nothing
  bool refused = false;       // the quota did not allow a request of this reconcile
  bool denied = false;        // the cloud refused something, and condition Synced says so
  bool failed = false;        // something failed, and its backoff keeps growing
  bool settled = false;       // all steps succeeded, and the connection is as desired

 private:
  // Whether to hide a refusal by the quota that ends after `wait`.
  bool ToleratesRefusal(Duration wait);
  Status Adopt(Result<kube::Object> reply, const char* what);
  bool IsStillThere();
};

}  // namespace capstan::managed
