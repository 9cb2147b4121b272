// Cluster is a Kubernetes API for tests of operators: in this process, in simulated time, with
// schemas, status, watches and garbage collection. It does not sleep and opens no sockets, and
// every run of a test is identical.
//
//   TEST(Website, Heals) {
//     Operator website({.name = "website"});
//     Configure(website);
//     capstan::testing::Cluster cluster;
//     cluster.Apply(kCrd);
//     cluster.Start(website);
//     cluster.Apply(kHome);
//     cluster.Delete(kube::ConfigMapKind(), kPage);
//     EXPECT_TRUE(cluster.Get(kube::ConfigMapKind(), kPage));
//   }
//
// The counterpart in controller-runtime is envtest, which has no garbage collection, simulated time
// or faults.
//
// If CAPSTAN_TEST_KUBECONFIG names a kubeconfig, the same test runs on that cluster: in real time,
// and Run waits at most three seconds. Use a cluster that contains nothing else; the objects that
// the test applied are deleted at its end.
//
// Every method that changes something returns when the operator has settled (Settle). For one
// thread. An error of the cluster itself ends the process with a line on standard error, because a
// test without a cluster proves nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/json.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/kube/object.hpp>
#include <capstan/core/operator/operator.hpp>
#include <capstan/core/operator/running_operator.hpp>

namespace capstan::testing {

class Life;
class World;

struct ClusterOptions {
  // Selects the order in which runnable tasks run; a different number gives a different order of
  // events.
  std::uint64_t seed = 1;
  // Empty: $CAPSTAN_TEST_KUBECONFIG; if that is empty too, the embedded API server.
  std::string kubeconfig = {};
};

// Requests of the operator that fail. Empty texts match everything.
struct FailingRequests {
  std::string verb = {};      // "get", "list", "watch", "create", "patch", "delete"
  std::string resource = {};  // "configmaps", "websites.example.dev/status"
  int status = 500;           // 0: the connection breaks
  bool committed = false;     // the server processes it, and only the answer is lost
  int times = 1;
};

class Cluster final {
 public:
  explicit Cluster(ClusterOptions options = {});
  ~Cluster();

  // ---- Actions of users and other programs ----
  // Server-side apply of YAML or JSON with one or more documents; returns the last object. A
  // CustomResourceDefinition is served when this returns. Objects without a namespace go into
  // "default".
  Result<kube::Object> Apply(std::string_view manifest);
  // Applies a file. Further errors: those of Files::Read.
  Result<kube::Object> ApplyFile(const std::string& path);
  Result<kube::Object> Apply(const kube::Kind& kind, const kube::ObjectKey& key, Json body);
  // A merge patch, such as {"spec":{"title":"Ho"}}, also of a subresource: for what kubelet and
  // other controllers write into status.
  Result<kube::Object> Patch(const kube::Kind& kind, const kube::ObjectKey& key, std::string_view patch,
                             const std::string& subresource = "");
  // Like kubectl delete: waits until the object is gone, at most half a minute.
  Status Delete(const kube::Kind& kind, const kube::ObjectKey& key);

  // ---- State ----
  std::optional<kube::Object> Get(const kube::Kind& kind, const kube::ObjectKey& key);
  std::vector<kube::Object> List(const kube::Kind& kind, const std::string& namespace_ = "");
  // "True", "False", "Unknown"; "" if there is no such object or condition.
  std::string Condition(const kube::Kind& kind, const kube::ObjectKey& key, const std::string& type);
  // The messages of the Events about an object, in order.
  std::vector<std::string> Events(const std::string& kind, const kube::ObjectKey& key);
  bool Gone(const kube::Kind& kind, const kube::ObjectKey& key);  // within half a minute

  // Routes requests of the operator to another host ("cloud.test") to a handler of the test, which
  // must outlive this; likewise webhook calls by the embedded API server (clientConfig.url
  // "https://hooks.test/validate"). Hosts without a route refuse connections.
  void Route(const std::string& authority, http::Handler& handler);
  // Routes to a handler that this then owns; null removes the route.
  void Route(const std::string& authority, std::shared_ptr<http::Handler> handler);
  http::Handler* handler(const std::string& authority) const;

  // ---- The operator ----
  // Starts an instance of the operator, which must outlive this. A second call starts a second
  // replica.
  void Start(const Operator& description);
  // Shuts down all instances gracefully.
  void Stop();

  // ---- Time ----
  void Run(Duration time);
  // Runs until `done` returns true; false if it does not within `limit`.
  bool Until(const std::function<bool()>& done, Duration limit = std::chrono::minutes(1));
  // Runs until the operator only waits for timers, at most a minute.
  void Settle();
  WallTime now() const;

  // ---- Faults ----
  // The operator crashes and restarts a second later. The crash is immediate, or at its n-th write
  // from now on, which the server processes and whose answer is lost.
  void Crash();
  void Crash(int write);
  int crashes() const { return crashes_; }
  // All requests of the operator fail, and its watches break, until Mend.
  void Cut();
  void Mend();
  // The server discards its history: watches must relist.
  void Compact();
  void Fail(FailingRequests failing);
  // Revokes these permissions of the operator, until GiveRights.
  void TakeRights(const kube::Kind& kind, std::vector<std::string> verbs);
  void GiveRights();

  // ---- History ----
  // Each request of the operator: "1 patch websites.example.dev/status default/home 200" (the first
  // number is the instance).
  std::vector<std::string> Requests() const;
  // How many of them were writes, successful or not, except for renewals of the Lease and for
  // Events.
  int Writes() const;
  // The log of all instances.
  std::string Log() const;
  bool Logged(std::string_view text) const;
  // The instance that was started last. Null: none.
  RunningOperator* running();
  bool real() const;
  // For everything else. The client has administrator rights and is not affected by faults; it
  // waits on this scheduler, so use it inside a task (on a real cluster: anywhere).
  kube::Client& client();
  Scheduler& scheduler();

 private:
  friend class Exploration;
  explicit Cluster(std::unique_ptr<World> world);
  void CleanUp();
  Result<kube::Object> ApplyDocument(Json document);
  void BeginLife(const Operator& description);
  // Removes crashed instances and starts their replacements, and starts the replicas that a fault
  // requires.
  void ChangeLives();
  bool LivesChange() const;

  std::unique_ptr<World> world_;
  std::map<std::string, std::shared_ptr<http::Handler>> handlers_;
  std::vector<std::unique_ptr<Life>> lives_;
  std::vector<std::pair<kube::Kind, kube::ObjectKey>> applied_;
  int begun_ = 0;
  int crashes_ = 0;
};

}  // namespace capstan::testing
