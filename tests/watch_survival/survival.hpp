// The fixture of all cases: a server, an operator's watch of it through a proxy that can cut, and
// what must hold afterwards: the cache equals the server, one line told of it, the metric showed
// the silence.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/testing/faulty_transport.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/tests/watch_survival/cutting_proxy.hpp>
#include <capstan/tests/watch_survival/damaging_transport.hpp>
#include <capstan/tests/watch_survival/server.hpp>

namespace capstan::survival {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// How the operator under test is set up: as in life, with shorter times.
struct Operator {
  runtime::WatcherOptions watcher;
  Duration dead_peer = seconds(3);
  Duration request_timeout = seconds(60);
  std::string token_file;  // instead of the administrator's credentials
  Operator();
};

class Survival : public ::testing::TestWithParam<std::string> {
 protected:
  Survival();
  ~Survival() override;

  // ---- The server's side
  Server& server() { return *server_; }
  // Made when first asked for, and served when this returns.
  const kube::Kind& Sprocket();
  void Define(const kube::Kind& kind);
  void WaitUntilServed(const kube::Kind& kind);
  const std::string& Namespace();
  // Instead of one of this case's own; it exists, or will before anything is asked of it.
  void UseNamespace(const std::string& name) { namespace_ = name; }
  // Creates or changes; the case fails if the server does not take it.
  void Put(const std::string& name, int size, const kube::Kind* kind = nullptr);
  void Remove(const std::string& name);
  // The newest resourceVersion of a list.
  std::uint64_t ServerVersion();

  // ---- The operator's side
  // Watches the kind in this case's namespace, and waits until the cache equals the server.
  void Watch(const kube::Kind& kind, Operator setup = Operator(), bool wait = true);
  // The cache becomes what the server has: every object, by uid and resourceVersion.
  ::testing::AssertionResult BecomesEqual(Duration limit = minutes(2));
  // Before Watch: its first connection that carries so much is cut there.
  void CutFirstConnectionAfter(std::uint64_t bytes) { cut_after_ = bytes; }
  // Ends the watch and forgets what was logged, measured and reconciled.
  void StopWatching();
  runtime::Informer& informer() { return *informer_; }
  kube::Client& client() { return *client_; }
  CuttingProxy& proxy() { return *proxy_; }
  DamagingTransport& damaging() { return *damaging_; }
  // While set, every request of the operator gets this answer.
  void Answer(std::optional<http::Response> response);
  // How many reconciles there were, in all and of how many objects.
  int reconciles() const;
  std::size_t reconciled_objects() const;
  // Whether the operator said that something is wrong; only then is an outage one, however fast the
  // server comes back.
  bool OutageNoticed();
  // Exactly one warning has this text, and it names the kind and the endpoint.
  void ExpectOneWarning(const std::string& text);
  // All warnings so far are this many.
  void ExpectWarnings(std::size_t count);
  // capstan_watch_last_sign_of_life_seconds, or nothing where there is no such metric.
  std::optional<double> Age();
  // The age tells of something that the server says now.
  void ExpectHeardAgain();
  std::string Metric(const std::string& name);
  // Becomes true; looked at whenever the cache changes, and often. The limit is for what hangs: a
  // busy machine may take its time.
  bool Until(const std::function<bool()>& condition, Duration limit = minutes(2));
  std::vector<std::string> Warnings() const;
  // What the watch is waiting out now.
  bool TroubleIs(Code code) const;
  Context Within(Duration limit) { return Context().Within(server_->scheduler(), limit); }

 private:
  struct Shared;
  static Shared& shared();
  // uid and resourceVersion of each object, by name.
  using Objects = std::map<std::string, std::string>;
  Result<Objects> OnServer();
  Objects InCache();

  std::unique_ptr<Server> own_server_;
  Server* server_;
  std::optional<kube::Kind> sprocket_;
  std::string namespace_;
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  std::unique_ptr<Files> files_ = MakeSystemFiles();
  std::unique_ptr<Process> process_ = MakeSystemProcess();
  std::unique_ptr<RecordingLog> log_ = std::make_unique<RecordingLog>();
  std::unique_ptr<runtime::Metrics> metrics_ = runtime::MakePrometheusMetrics();
  std::uint64_t cut_after_ = 0;
  std::unique_ptr<CuttingProxy> proxy_;
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<http::FaultyTransport> faulty_;
  std::unique_ptr<DamagingTransport> damaging_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<runtime::Manager> manager_;
  runtime::Informer* informer_ = nullptr;
  runtime::Subscription subscription_;
  mutable Mutex mutex_;
  Event changed_;
  std::optional<http::Response> answer_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<std::string, int> reconciled_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::survival
