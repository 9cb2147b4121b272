// Cluster is a Kubernetes API for the test of an operator: in this process, on simulated time, with
// schemas, status, watches and garbage collection. Nothing sleeps, no socket is opened, and a test
// is the same every time.
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
// controller-runtime: envtest, and what it leaves out (garbage collection, time, faults).
//
// The same test runs on a real cluster when CAPSTAN_TEST_KUBECONFIG names a kubeconfig: time is
// real then, and Run waits three seconds at most. Use a cluster that holds nothing else; what the
// test applied is deleted at its end.
//
// Every method that changes something returns when the operator has come to rest (Settle). One
// thread. An error of the cluster itself ends the process with a line on standard error: a test
// without a cluster proves nothing.
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
  // Which of what may run next runs; another number is another order of events.
  std::uint64_t seed = 1;
  // Empty: $CAPSTAN_TEST_KUBECONFIG; if that is empty too, the embedded API server.
  std::string kubeconfig = {};
};

// Requests of the operator that fail. Empty texts: any.
struct FailingRequests {
  std::string verb = {};      // "get", "list", "watch", "create", "patch", "delete"
  std::string resource = {};  // "configmaps", "websites.example.dev/status"
  int status = 500;           // 0: the connection breaks
  bool committed = false;     // the server has done it, and only the answer is lost
  int times = 1;
};

class Cluster final {
 public:
  explicit Cluster(ClusterOptions options = {});
  ~Cluster();

  // ---- What people and other programs do ----
  // Server-side apply of YAML or JSON, one document or more; the last object. A
  // CustomResourceDefinition is served when this returns. Objects without a namespace go into
  // "default".
  Result<kube::Object> Apply(std::string_view manifest);
  // The same of a file. Errors also: those of Files::Read.
  Result<kube::Object> ApplyFile(const std::string& path);
  Result<kube::Object> Apply(const kube::Kind& kind, const kube::ObjectKey& key, Json body);
  // A merge patch, such as {"spec":{"title":"Ho"}}, or of a subresource: what kubelet and other
  // controllers write into status.
  Result<kube::Object> Patch(const kube::Kind& kind, const kube::ObjectKey& key, std::string_view patch,
                             const std::string& subresource = "");
  // kubectl delete: waits until the object is gone, half a minute at most.
  Status Delete(const kube::Kind& kind, const kube::ObjectKey& key);

  // ---- What is there ----
  std::optional<kube::Object> Get(const kube::Kind& kind, const kube::ObjectKey& key);
  std::vector<kube::Object> List(const kube::Kind& kind, const std::string& namespace_ = "");
  // "True", "False", "Unknown"; "" when there is no such object or condition.
  std::string Condition(const kube::Kind& kind, const kube::ObjectKey& key, const std::string& type);
  // The messages of the Events about an object, in order.
  std::vector<std::string> Events(const std::string& kind, const kube::ObjectKey& key);
  bool Gone(const kube::Kind& kind, const kube::ObjectKey& key);  // within half a minute

  // Requests of the operator to another host ("cloud.test") go to a handler of the test, which must
  // outlive this; so do the calls of webhooks that the embedded API server makes (clientConfig.url
  // "https://hooks.test/validate"). Hosts that are not routed refuse connections.
  void Route(const std::string& authority, http::Handler& handler);
  // The same with a handler that this owns, and that handler; null: none.
  void Route(const std::string& authority, std::shared_ptr<http::Handler> handler);
  http::Handler* handler(const std::string& authority) const;

  // ---- The operator ----
  // Begins a life of the operator, which must outlive this. Once more: a second replica.
  void Start(const Operator& description);
  // Ends all lives in order.
  void Stop();

  // ---- Time ----
  void Run(Duration time);
  // Runs until it is true; false when it is not within `limit`.
  bool Until(const std::function<bool()>& done, Duration limit = std::chrono::minutes(1));
  // Until the operator has nothing to do but wait for a time, a minute at most.
  void Settle();
  WallTime now() const;

  // ---- Trouble ----
  // The operator dies and begins again a second later: at once, or at its n-th write from now,
  // which the server does and whose answer nobody hears.
  void Crash();
  void Crash(int write);
  int crashes() const { return crashes_; }
  // Nothing of the operator gets through, and its watches break, until Mend.
  void Cut();
  void Mend();
  // The server forgets its history: watches must list again.
  void Compact();
  void Fail(FailingRequests failing);
  // The operator may no longer do this, until GiveRights.
  void TakeRights(const kube::Kind& kind, std::vector<std::string> verbs);
  void GiveRights();

  // ---- What happened ----
  // Each request of the operator: "1 patch websites.example.dev/status default/home 200" (the
  // number is the life).
  std::vector<std::string> Requests() const;
  // How many of them changed something or tried to; renewals of the Lease and Events aside.
  int Writes() const;
  // The log of all lives.
  std::string Log() const;
  bool Logged(std::string_view text) const;
  // The life that was started last. Null: none.
  RunningOperator* running();
  bool real() const;
  // For what is not above. The client is an administrator's, outside of any trouble; it waits on
  // this scheduler, so calls of it belong into a task, or on a real cluster anywhere.
  kube::Client& client();
  Scheduler& scheduler();

 private:
  friend class Exploration;
  explicit Cluster(std::unique_ptr<World> world);
  void CleanUp();
  Result<kube::Object> ApplyDocument(Json document);
  void BeginLife(const Operator& description);
  // Lives that died are taken away, and others begin in their place; and those begin that a mishap
  // wants.
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
