// The fixture of all cases: a server, an operator's watch of it through a proxy that can cut, and
// what must hold afterwards: the cache equals the server, one log line reported the outage, the
// metric showed the silence.
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

// The setup of the operator under test: as in production, with shorter times.
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
  // Created on first use, and served when this returns.
  const kube::Kind& Sprocket();
  void Define(const kube::Kind& kind);
  void WaitUntilServed(const kube::Kind& kind);
  const std::string& Namespace();
  // Use this namespace instead of one for this case only; it must exist before its first use.
  void UseNamespace(const std::string& name) { namespace_ = name; }
  // Creates or changes an object; the case fails if the server rejects it.
  void Put(const std::string& name, int size, const kube::Kind* kind = nullptr);
  void Remove(const std::string& name);
  // The newest resourceVersion of a list.
  std::uint64_t ServerVersion();

  // ---- The operator's side
  // Watches the kind in this case's namespace, and waits until the cache equals the server.
  void Watch(const kube::Kind& kind, Operator setup = Operator(), bool wait = true);
  // Waits until the cache equals the server's state: every object, by uid and resourceVersion.
  ::testing::AssertionResult BecomesEqual(Duration limit = minutes(2));
  // Call before Watch: cuts the first connection that carries that many bytes.
  void CutFirstConnectionAfter(std::uint64_t bytes) { cut_after_ = bytes; }
  // Ends the watch and resets logs, metrics and reconciles.
  void StopWatching();
  runtime::Informer& informer() { return *informer_; }
  kube::Client& client() { return *client_; }
  CuttingProxy& proxy() { return *proxy_; }
  DamagingTransport& damaging() { return *damaging_; }
  // While set, every request of the operator gets this answer.
  void Answer(std::optional<http::Response> response);
  // The number of reconciles in total and of distinct objects.
  int reconciles() const;
  std::size_t reconciled_objects() const;
  // Whether the operator reported the outage; otherwise it does not count as one, however fast the
  // server returns.
  bool OutageNoticed();
  // Exactly one warning has this text, and it names the kind and the endpoint.
  void ExpectOneWarning(const std::string& text);
  // The total number of warnings so far equals `count`.
  void ExpectWarnings(std::size_t count);
  // capstan_watch_last_sign_of_life_seconds, or nothing if there is no such metric.
  std::optional<double> Age();
  // The age reflects a message that the server sends now.
  void ExpectHeardAgain();
  std::string Metric(const std::string& name);
  // Waits for `condition`, which is evaluated whenever the cache changes, and frequently. The limit
  // is for hangs only: a busy machine can be slow.
  bool Until(const std::function<bool()>& condition, Duration limit = minutes(2));
  std::vector<std::string> Warnings() const;
  // Whether the watch is currently backing off because of this error.
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
